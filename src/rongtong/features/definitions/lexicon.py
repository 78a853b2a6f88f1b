"""The published words of bad news about a firm (负面舆情词表), as regular expressions that DuckDB and Spark read alike.

A word list judges what a text says, not whom it says it of: the news source has matched the firm already.
"""

from __future__ import annotations

_WORDS = {
    "insolvency": "破产|清算|重整申请|资不抵债|资金链断裂|资金链紧张|爆雷|暴雷|倒闭|跑路|失联|卷款|停业|停产|停工|关门|歇业|注销公告|吊销",
    "default": "违约|逾期|欠款|拖欠|欠薪|欠税|欠费|无力偿还|无法兑付|未能兑付|兑付困难|提现困难|无法提现|未按时支付|坏账|代偿|追债|催收|讨债|要账",
    "courts": "被诉|起诉|诉讼|被告|仲裁|查封|冻结|扣押|失信|老赖|限制高消费|限制消费|被执行|强制执行|终本|司法拍卖",
    "offences": "立案|涉案|涉嫌|诈骗|欺诈|非法集资|非法吸收|非法经营|传销|洗钱|行贿|受贿|贿赂|挪用|侵占|套路贷|骗局|骗子|受骗|骗取|刑拘|刑事|逮捕|被捕|被抓|拘留|报案|报警|受害人|投案|自首",
    "sanctions": "处罚|罚款|罚单|罚没|违规|违法|责令|通报批评|警示函|监管函|约谈|黑名单|经营异常|虚开|偷税|逃税|漏税|造假|财务虚假|虚假宣传|虚假交易",
    "operations": "亏损|巨亏|大幅下滑|大幅下降|裁员|罢工|维权|投诉|曝光|召回|不合格|事故|爆炸|火灾|起火|污染|超标排放|伤亡|泄露|纠纷|丑闻|退市|平仓|减值|质押爆仓|评级下调|下调评级|列入观察",
}
NEGATIVE = "|".join(_WORDS.values())
"""A text with one of these is bad news."""

REASSURING = (
    "(未|没有|无|不存在|杜绝|防范|防止|避免|打击|预防|降低|化解|零)(发生|出现|任何|涉嫌|重大|电信|网络|金融|信用|合同)*"
    "(违约|逾期|欠薪|拖欠|诉讼|仲裁|处罚|违法|违规|失信|诈骗|非法集资|洗钱|事故|投诉|纠纷|亏损|坏账|风险)"
    "|扭亏为盈|扭亏|反诈|反洗钱|反欺诈|解除冻结|撤销处罚|移出(经营异常|失信|黑名单)|信用修复|胜诉|撤诉"
)
"""Phrases that hold such a word and say the opposite; they are taken out first."""
