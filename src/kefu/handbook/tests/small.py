"""A small handbook without problems, for the tests to break."""

TEXT = """\
handbook: demo
title: 演示手册
effective_from: 2026-01-01
sources: {B: {title: 手册}, GK: {title: 设定}}
roles:
  agent: {title: 客服, source: B, acts_as: agent}
kinds:
  delay: {title: 延误, source: B, family: complaint}
calendars:
  natural: {title: 自然, source: B, every_day: ["00:00-24:00"]}
lexicons:
  taboo:
    title: 禁语
    source: B
    use: 不得说
    words: [喂, {term: 不知道, unless: [question]}]
scripts:
  opening:
    title: 开场白
    source: B
    text: 您好，{site_name}
    slots:
      - {id: hello, title: 您好, any_of: [您好]}
scorecards:
  service:
    title: 评分表
    source: B
    groups:
      - id: words
        title: 用语
        items:
          - id: taboo
            title: 禁语
            source: B
            definition: 不得说
            penalty: {points: 5, money: 50}
            detector: {kind: lexicon, lexicons: [taboo]}
clocks:
  call_back:
    title: 回电
    source: B
    target: 2h
    calendar: natural
    kind: company
    starts_on: [case.opened]
    meets_on: [customer.called_back]
    warn_before: 30m
    applies: {kinds: [delay]}
procedures:
  delay:
    title: 延误
    source: B
    kinds: [delay]
    start: receive
    steps:
      - id: receive
        title: 受理
        stage: receive
        who: [agent]
        fields:
          - {id: waybill, label: 运单, type: waybill, required: true}
        next: [{to: call}]
      - id: call
        title: 回电
        stage: feedback
        who: [agent]
        guards:
          - {id: known, when: {fact: data.waybill, set: true}, message: 先填运单}
        emits: [customer.called_back, customer.informed]
        next: [{to: close}]
      - id: close
        title: 结案
        stage: follow_up
        who: [agent]
        status: closed
        end: true
"""


def place(text: str, needle: str) -> tuple[int, int]:
    """Line and column, from 1, where the needle first stands."""
    index = text.index(needle)
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
