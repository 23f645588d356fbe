"""Checklists: which questions of a scheme version a visit asks, in which order.

Frozen when the visit is planned: question ids and a hash over the version they come from. A newer version of the scheme
changes no visit already planned. The questions themselves, their words and grades live in the scheme (data, four
languages); here is only which of them apply to a kind of business, to a group's office and to each sampled member.
"""
