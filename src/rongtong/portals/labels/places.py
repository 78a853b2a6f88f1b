"""Provinces and cities by the first digits of their GB/T 2260 code, Chinese and English."""

from __future__ import annotations

PLACES: dict[str, tuple[str, str]] = {
    "11": ("北京市", "Beijing"),
    "12": ("天津市", "Tianjin"),
    "13": ("河北省", "Hebei"),
    "14": ("山西省", "Shanxi"),
    "15": ("内蒙古自治区", "Inner Mongolia"),
    "21": ("辽宁省", "Liaoning"),
    "22": ("吉林省", "Jilin"),
    "23": ("黑龙江省", "Heilongjiang"),
    "31": ("上海市", "Shanghai"),
    "32": ("江苏省", "Jiangsu"),
    "33": ("浙江省", "Zhejiang"),
    "34": ("安徽省", "Anhui"),
    "35": ("福建省", "Fujian"),
    "36": ("江西省", "Jiangxi"),
    "37": ("山东省", "Shandong"),
    "41": ("河南省", "Henan"),
    "42": ("湖北省", "Hubei"),
    "43": ("湖南省", "Hunan"),
    "44": ("广东省", "Guangdong"),
    "45": ("广西壮族自治区", "Guangxi"),
    "46": ("海南省", "Hainan"),
    "50": ("重庆市", "Chongqing"),
    "51": ("四川省", "Sichuan"),
    "52": ("贵州省", "Guizhou"),
    "53": ("云南省", "Yunnan"),
    "54": ("西藏自治区", "Tibet"),
    "61": ("陕西省", "Shaanxi"),
    "62": ("甘肃省", "Gansu"),
    "63": ("青海省", "Qinghai"),
    "64": ("宁夏回族自治区", "Ningxia"),
    "65": ("新疆维吾尔自治区", "Xinjiang"),
    "71": ("台湾省", "Taiwan"),
    "81": ("香港特别行政区", "Hong Kong"),
    "82": ("澳门特别行政区", "Macao"),
    "3301": ("杭州市", "Hangzhou"),
    "3302": ("宁波市", "Ningbo"),
    "3303": ("温州市", "Wenzhou"),
    "3304": ("嘉兴市", "Jiaxing"),
    "3305": ("湖州市", "Huzhou"),
    "3306": ("绍兴市", "Shaoxing"),
    "3307": ("金华市", "Jinhua"),
    "3308": ("衢州市", "Quzhou"),
    "3309": ("舟山市", "Zhoushan"),
    "3310": ("台州市", "Taizhou"),
    "3311": ("丽水市", "Lishui"),
}


def place_name(code: str, *, chinese: bool) -> str:
    """Province and, where it is known here, city of a code; an unknown code as it is."""
    province, city = PLACES.get(code[:2]), PLACES.get(code[:4]) if len(code) >= 4 else None
    if province is None:
        return code
    if chinese:
        return province[0] + (city[0] if city else "")
    return f"{city[1]}, {province[1]}" if city else province[1]
