"""The dictionary of headers: every word offices head a column with has a field in our contracts."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.registry import CONTRACTS
from etl.headers import propose_columns
from etl.pack import header_key, load_pack

# The launcher may run a copy of the checkout, which has no neighbours.
CHECKOUT = Path(os.environ.get("ONEMAP_CHECKOUT", Path(__file__).parents[2]))  # noqa: TID251
REGULATIONS = CHECKOUT.parent / "shared" / "reference" / "regulations.md"
BY_NAME = {contract.name: contract for contract in CONTRACTS}
BODIES, LAND, BUILT = (
    ("organization", "property"),
    ("property", "site", "parcel"),
    ("property", "building"),
)
CARDS = ("property", "building", "asset_card")
# Kinds of sheet that such columns stand in, and the words for them; `/` parts a group from a leaf.
WORDS = (
    (("property",), "使用单位 主要使用单位 部门 填报单位 填表人单位 占用单位 管理单位"),
    (("property",), "资产使用单位"),
    (BODIES, "单位名称 单位全称 机构名称"),
    (BODIES, "统一社会信用代码 信用代码 组织机构代码 机构代码 社会信用代码证号"),
    (BODIES, "单位类别 类别 单位性质 机构性质 单位类型 行政区划级别 单位级别 机构规格 行政级别"),
    (BODIES, "行政区划代码 区划编码 地区 行政区划名称 编制人数 编制数"),
    (BODIES, "批复编制 核定编制数 编制总数"),
    (BODIES, "行政编制 政法编制 参公编制 事业编制 工勤编制"),
    (BODIES, "编制内实际人数 实有人数 在职人数 在编人数 现有人数"),
    (BODIES, "编外人员 劳务派遣 借调 临聘 聘用人员"),
    (BODIES, "市级正职 市级副职 正局(处)级 副局(处)级 局(处)级以下 县级正职 县级副职 正科级"),
    (BODIES, "副科级 科级以下 乡级正职 乡级副职 乡级以下"),
    (BODIES, "联系人 联系电话 填表人 填表人姓名 负责人 法定代表人"),
    (LAND, "地址坐落 房屋坐落 坐落 坐落位置 地址 详细地址 不动产坐落 所在地"),
    (LAND, "四至(东至南至西至北至) 四至/东至 四至/南至 四至/西至 四至/北至"),
    (LAND, "用地面积 占地面积 土地面积 土地使用权面积(平米) 宗地面积"),
    (LAND, "证载土地面积 分摊面积 独用面积"),
    (LAND, "土地使用权类型 权利性质 土地取得方式 土地来源 地类(用途) 土地用途 用途"),
    (LAND, "土地使用权证号 国有土地使用证号 土地证号 土地使用起始日期 终止日期 使用年限 权属年限"),
    (LAND, "宗地号 不动产单元号 地籍号 丘号"),
    (BUILT, "楼座名称 楼栋 栋号 幢号 楼宇名称 建筑物名称 房屋名称"),
    (BUILT, "建筑面积 总建筑面积 证载面积 房产面积 房屋面积 建面 办公用房建筑面积"),
    (BUILT, "基本办公用房建筑面积 技术业务用房建筑面积 业务技术用房建筑面积 业务用房面积"),
    (BUILT, "附属用房建筑面积 使用面积 总使用面积 基本办公用房使用面积 净面积 套内面积"),
    (BUILT, "基本办公用房使用面积/合计 办公室使用面积 服务用房使用面积 设备用房使用面积"),
    (BUILT, "房间数量 间数 房间数 建设年代 建成年份 落成年代 竣工日期 竣工时间 建成时间"),
    (BUILT, "建造日期 投入使用日期 建筑结构 房屋结构 结构 层数 总层数 楼层数 地上层数"),
    (BUILT, "地下层数 所在层 建筑高度 电梯数 空调形式 供暖方式"),
    (BUILT, "产权单位 房屋所有权人 权属人 权利人 不动产权证号 产权证号 房产证号 房屋产权证号"),
    (BUILT, "权属证号 房屋所有权证号 发证日期 登记时间 权属证明"),
    (BUILT, "权属登记情况 产权形式 权属性质 产权状况 使用状况 使用情况 资产状态"),
    (BUILT, "是否为租（借）用 是否租用 租(借)用 自用面积 在用面积 出租面积 出借面积"),
    (BUILT, "出租出借面积 闲置面积 毁损待报废面积 对外投资面积 担保面积 其他面积"),
    (BUILT, "单位负担费用面积 计算机机房面积 会议室面积 车库面积 食堂用房面积 配电房面积"),
    (CARDS, "原值 账面原值 净值 累计折旧 价值 财政性资金 非财政性资金 评估值"),
    (CARDS, "资产编号 资产编码 卡片编号 固定资产分类代码(2010国标码) 资产分类名称 取得方式"),
    (CARDS, "取得日期 入账日期 入账科目 会计凭证号 使用部门 使用人"),
    (BUILT, "经度 纬度 坐标位置 地理位置 坐标系 备注 拓展备注"),
    (("room",), "房间号 门牌号 房间名称 楼层 房间类型 用途 使用面积(实测) 原使用面积 核定面积"),
    (("floor",), "楼层编号 层编号 建筑编号 楼层 层号 层名"),
    (("section",), "单元编号 建筑编号 单元号 地上层数 户数"),
    (("structure",), "构筑物编号 构筑物名称 所属院落编号 构筑物类别 用途 结构 建成年份 高度"),
    (("structure",), "长度 原值 占地面积"),
    (("room",), "标准面积 超标面积 超标比例 使用人 姓名 职务 职级 是否共用 备案情况 整改措施"),
)  # fmt: skip
ELSEWHERE = {
    "合计",  # of usable areas: read by the group it stands in
    "车辆行驶证所有人",  # of vehicles
}
PAIRS = [(name, word) for names, words in WORDS for name in names for word in words.split()]


@pytest.mark.parametrize(("contract", "word"), PAIRS)
def test_a_word_of_the_dictionary_finds_its_field(contract: str, word: str) -> None:
    path = tuple(word.split("/"))
    columns, unknown = propose_columns(BY_NAME[contract], [path], load_pack())
    assert (len(columns), unknown) == (1, [])


@pytest.mark.skipif(not REGULATIONS.is_file(), reason="the reference files are not here")
def test_no_word_of_the_reference_is_missing_from_the_list() -> None:
    listed = {header_key(word.rpartition("/")[2]) for _names, word in PAIRS} | ELSEWHERE
    found = set(_words(REGULATIONS.read_text("utf-8")))
    assert len(found) > 200
    assert found - listed == set()


def _words(regulations: str) -> Iterator[str]:
    """Headers of sections 7.1 to 7.4, as their last columns list them."""
    begins, ends = regulations.index("### 7.1"), regulations.index("### 7.5")
    for line in regulations[begins:ends].splitlines():
        if line.startswith("| canonical"):
            continue
        if line.startswith("| "):
            synonyms = line.strip("|").rpartition("|")[2].partition("note on the form")[0]
        elif line.startswith("房间号"):
            synonyms = line
        else:
            continue
        # Values stand in braces, sources in backticks, what a word is written with in brackets.
        plain = re.sub(r"\{[^}]*\}|`[^`]*`", "", synonyms)
        plain = re.sub(r"(?<=\S)\([^()]*\)", "", plain)
        for word in re.split(r"[\s/;.()†]+", plain):
            if key := header_key(word):
                yield key
