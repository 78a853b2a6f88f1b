"""The words of court notices and news items. {fields} are filled by `public`."""

from __future__ import annotations

COURT = {
    "filed": "{court}于{day}立案受理原告{plaintiff}与被告{defendant}{cause}一案，案号{number}，诉讼标的额{amount}。",
    "hearing": "{court}定于{day}公开开庭审理原告{plaintiff}诉被告{defendant}{cause}一案（案号{number}）。",
    "judgment": "{court}于{day}就{number}{cause}一案作出一审判决，判令被告{defendant}于判决生效之日起十日内向原告{plaintiff}支付款项{amount}及相应利息。",
    "enforcement": "因被执行人{defendant}未履行生效法律文书确定的义务，{court}于{day}立案执行，案号{number}，执行标的{amount}。",
    "dishonest": "被执行人{defendant}有履行能力而拒不履行生效法律文书确定的义务，{court}于{day}将其纳入失信被执行人名单（案号{number}），未履行金额{amount}。",
    "consumption_limit": "{court}于{day}对被执行人{defendant}及其法定代表人发出限制消费令（案号{number}）。",
    "terminated": "经查，被执行人{defendant}暂无可供执行的财产，{court}于{day}裁定终结本次执行程序（案号{number}），尚未受偿{amount}。",
    "closed": "{number}一案（{plaintiff}与{defendant}{cause}）当事人已达成调解或履行完毕，{court}于{day}结案。",
}

MEDIA = (
    ("区域财经网", "finance"),
    ("江左商报", "business"),
    ("产业观察", "industry"),
    ("市场晨讯", "morning"),
    ("供应链周刊", "supply"),
)

_GOOD = (
    (
        "{firm}新生产线投产，年产能提升{share}%",
        "近日，{place}企业{firm}的{product}新生产线正式投产。公司负责人{person}介绍，新线全部达产后年产能将提升约{share}%，新增就业岗位{count}0余个。",
    ),
    (
        "{short}与{other}签订年度供货协议",
        "{firm}日前与{other}签订年度供货协议，全年预计供应{product}总额超过{sum}。双方表示将在交付周期和质量追溯方面加强合作。",
    ),
    (
        "{firm}入选省级专精特新中小企业名单",
        "在最新公布的省级专精特新中小企业名单中，{place}的{firm}榜上有名。该公司深耕{industry}多年，近三年研发投入占比稳步提高。",
    ),
    (
        "订单排到下季度，{short}开足马力赶生产",
        "走进{firm}的车间，机器轰鸣，{staff}名工人正在赶制{product}。“目前订单已经排到下个季度。”公司总经理{person}说。",
    ),
    (
        "{firm}获得{count}项实用新型专利授权",
        "{firm}近日新获{count}项实用新型专利授权，涉及{product}的生产工艺改进，有望降低综合成本约{share}%。",
    ),
    (
        "{short}亮相行业展会，现场意向订单逾{sum}",
        "在本届行业展会上，{firm}展出的{product}受到采购商关注，现场达成意向订单逾{sum}。",
    ),
)
_PLAIN = (
    ("{firm}召开年度经营工作会议", "{firm}日前召开年度经营工作会议，总结上一年度生产经营情况，部署新一年重点任务。"),
    (
        "{place}{industry}企业座谈会举行，{short}参会",
        "{place}近日举行{industry}企业座谈会，{firm}等{count}家企业代表参会，就用工、物流和融资需求作了交流。",
    ),
    ("{firm}发布{month}月招聘信息", "{firm}发布{month}月招聘信息，计划招聘生产、销售、质检等岗位人员{count}名。"),
    (
        "原材料价格波动，{industry}企业调整报价",
        "近期原材料价格有所波动，{place}多家{industry}企业调整产品报价。{firm}表示，已与主要客户就{product}价格联动机制进行协商。",
    ),
    (
        "{firm}开展安全生产月活动",
        "{firm}组织开展安全生产月活动，对车间设备、消防通道进行了全面检查，{staff}名员工参加培训。",
    ),
)
_BAD = (
    (
        "{firm}被曝拖欠供应商货款",
        "有供应商向本报反映，{place}企业{firm}自今年以来多次延期支付货款，累计拖欠金额约{sum}。记者致电该公司，财务人员称“正在与客户协商回款”。",
    ),
    (
        "多名员工反映{short}延迟发放工资",
        "近日，多名自称{firm}员工的网友在论坛反映，公司已连续两个月延迟发放工资，涉及{staff}余人。当地人社部门表示已介入了解情况。",
    ),
    (
        "{firm}主要客户流失，订单明显下滑",
        "业内人士透露，{firm}的主要客户已将{product}订单转移至其他供应商，公司近期开工率下降，部分生产线停机检修。",
    ),
    (
        "{short}遭多家供应商起诉，回应称系正常商业纠纷",
        "公开信息显示，{firm}近期新增{count}起买卖合同纠纷。公司回应称，相关案件系正常商业纠纷，不影响日常经营。",
    ),
    (
        "传{firm}资金链紧张，公司称正在筹措资金",
        "市场传言{firm}资金链紧张。公司法定代表人{person}对此表示，短期周转确有压力，正通过处置存货和股东借款等方式筹措资金。",
    ),
    (
        "{firm}因环保问题被责令整改",
        "{place}生态环境部门近日通报，{firm}因污染防治设施运行不正常被责令限期整改，并处罚款。",
    ),
)
_WORST = (
    (
        "{firm}厂区停产，供应商上门讨要货款",
        "{month}月以来，位于{place}的{firm}厂区已基本停产，{count}家供应商派人上门讨要货款，涉及金额约{sum}。当地街道已成立工作组进行协调。",
    ),
    (
        "{short}被列为被执行人，执行标的{sum}",
        "中国执行信息公开类平台的模拟数据显示，{firm}新增被执行人信息，执行标的{sum}，执行法院为{place}人民法院。",
    ),
    (
        "{firm}贷款出现逾期，银行已提起诉讼",
        "知情人士称，{firm}在当地一家银行的流动资金贷款出现逾期，银行已向法院提起诉讼并申请财产保全。",
    ),
    (
        "{firm}法定代表人{person}失联，员工称工资被拖欠数月",
        "{firm}法定代表人{person}近日失联，公司办公场所已人去楼空。有员工称工资被拖欠数月，已向劳动监察部门投诉。",
    ),
    (
        "债权人申请对{firm}进行破产清算",
        "{place}中级人民法院公告栏（模拟）显示，债权人{other}以不能清偿到期债务为由，申请对{firm}进行破产清算。",
    ),
)

NEWS = (_GOOD, _PLAIN, _BAD, _WORST)
"""(headline, body) by mood: good, plain, bad, worst."""
