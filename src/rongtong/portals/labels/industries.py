"""Industries by GB/T 4754-2017 section and division, Chinese and English."""

from __future__ import annotations

import re

SECTIONS: dict[str, tuple[str, str]] = {
    "A": ("农、林、牧、渔业", "Agriculture, forestry and fishing"),
    "B": ("采矿业", "Mining"),
    "C": ("制造业", "Manufacturing"),
    "D": ("电力、热力、燃气及水生产和供应业", "Electricity, heat, gas and water supply"),
    "E": ("建筑业", "Construction"),
    "F": ("批发和零售业", "Wholesale and retail trade"),
    "G": ("交通运输、仓储和邮政业", "Transport, storage and post"),
    "H": ("住宿和餐饮业", "Accommodation and catering"),
    "I": ("信息传输、软件和信息技术服务业", "Information transmission, software and IT services"),
    "J": ("金融业", "Finance"),
    "K": ("房地产业", "Real estate"),
    "L": ("租赁和商务服务业", "Leasing and business services"),
    "M": ("科学研究和技术服务业", "Research and technical services"),
    "N": ("水利、环境和公共设施管理业", "Water, environment and public facilities"),
    "O": ("居民服务、修理和其他服务业", "Residents’ services, repair and other services"),
    "P": ("教育", "Education"),
    "Q": ("卫生和社会工作", "Health and social work"),
    "R": ("文化、体育和娱乐业", "Culture, sports and entertainment"),
    "S": ("公共管理、社会保障和社会组织", "Public administration and social organisations"),
    "T": ("国际组织", "International organisations"),
}

DIVISIONS: dict[str, tuple[str, str]] = {
    "13": ("农副食品加工业", "Processing of farm produce"),
    "14": ("食品制造业", "Food"),
    "15": ("酒、饮料和精制茶制造业", "Drinks and refined tea"),
    "16": ("烟草制品业", "Tobacco"),
    "17": ("纺织业", "Textiles"),
    "18": ("纺织服装、服饰业", "Garments"),
    "19": ("皮革、毛皮、羽毛及其制品和制鞋业", "Leather, fur, feather and footwear"),
    "20": ("木材加工和木、竹、藤、棕、草制品业", "Wood and bamboo products"),
    "21": ("家具制造业", "Furniture"),
    "22": ("造纸和纸制品业", "Paper and paper products"),
    "23": ("印刷和记录媒介复制业", "Printing and recorded media"),
    "24": ("文教、工美、体育和娱乐用品制造业", "Stationery, crafts, sports and toys"),
    "25": ("石油、煤炭及其他燃料加工业", "Petroleum, coal and other fuels"),
    "26": ("化学原料和化学制品制造业", "Chemicals"),
    "27": ("医药制造业", "Pharmaceuticals"),
    "28": ("化学纤维制造业", "Chemical fibres"),
    "29": ("橡胶和塑料制品业", "Rubber and plastics"),
    "30": ("非金属矿物制品业", "Non-metallic mineral products"),
    "31": ("黑色金属冶炼和压延加工业", "Ferrous metals"),
    "32": ("有色金属冶炼和压延加工业", "Non-ferrous metals"),
    "33": ("金属制品业", "Metal products"),
    "34": ("通用设备制造业", "General machinery"),
    "35": ("专用设备制造业", "Special machinery"),
    "36": ("汽车制造业", "Motor vehicles"),
    "37": ("铁路、船舶、航空航天和其他运输设备制造业", "Rail, ships, aerospace and other transport"),
    "38": ("电气机械和器材制造业", "Electrical machinery"),
    "39": ("计算机、通信和其他电子设备制造业", "Computers, communication and electronics"),
    "40": ("仪器仪表制造业", "Instruments"),
    "41": ("其他制造业", "Other manufacturing"),
    "42": ("废弃资源综合利用业", "Recycling"),
    "43": ("金属制品、机械和设备修理业", "Repair of metal products and machinery"),
    "47": ("房屋建筑业", "Building"),
    "48": ("土木工程建筑业", "Civil engineering"),
    "49": ("建筑安装业", "Building installation"),
    "50": ("建筑装饰、装修和其他建筑业", "Decoration and other construction"),
    "51": ("批发业", "Wholesale"),
    "52": ("零售业", "Retail"),
    "54": ("道路运输业", "Road transport"),
    "58": ("多式联运和运输代理业", "Multimodal transport and forwarding"),
    "59": ("装卸搬运和仓储业", "Handling and storage"),
    "60": ("邮政业", "Post and couriers"),
    "61": ("住宿业", "Accommodation"),
    "62": ("餐饮业", "Catering"),
    "63": ("电信、广播电视和卫星传输服务", "Telecoms and broadcasting"),
    "64": ("互联网和相关服务", "Internet services"),
    "65": ("软件和信息技术服务业", "Software and IT services"),
    "71": ("租赁业", "Leasing"),
    "72": ("商务服务业", "Business services"),
    "73": ("研究和试验发展", "Research and development"),
    "74": ("专业技术服务业", "Professional technical services"),
    "75": ("科技推广和应用服务业", "Technology promotion and application"),
    "80": ("居民服务业", "Residents’ services"),
    "81": ("机动车、电子产品和日用产品修理业", "Repair of vehicles and household goods"),
}
_CODE = re.compile(r"([A-T])(\d\d)?\d{0,2}")


def industry_name(code: str, *, chinese: bool) -> str:
    """The division of a code, or its section where the division has no name here; an unknown code as it is."""
    found = _CODE.fullmatch(code)
    if found is None:
        return code
    names = DIVISIONS.get(found[2] or "") or SECTIONS[found[1]]
    return names[0] if chinese else names[1]
