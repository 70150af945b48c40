
Ÿ¡ëÜÊ(€@2Œ

	GoMarkers*
go2#
!

encoding
json/plain"mixed"J
r$01a20630-0000-7000-8000-00000000000a‚$01a20630-0000-7000-8000-00000000000a
¢ëÜÊ(‚€@R

goÿ“ëÜ
£ëÜÊ(ƒ€@Zr(Ø
½¥ëÜÊ(…€@Ê©
Version,
	change-id


encoding
json/plain"v"(
version


encoding
json/plain1D
 version-search-attribute-updated 


encoding
json/plaintrue
¤ëÜÊ(„€@R

goÿ“ëÜ
¦ëÜÊ((†€@R

go
y§ëÜÊ(‡€@Êf

SideEffect%
data


encoding
jÿÿ}×plain7/
side-effect-id


encoding
json/plain1
æ¨ëÜÊ(ˆ€@ÊÒ
LocalActivity•
da
‹

encoding
json/plainq{"ActivityID": "1", "ActivityType": "price", "ReplayTime": "2026-01-02T03:04:08.25Z", "Attempt": 1, "Backoff": 0}'
result


encoding
json/plain5
·	©ëÜÊ(‰€@Ê£
MutableSideEffect•
dataŒ


encoding
json/plain"m"
k

encodingjson/protobufN{"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "NQ=="}]}A
 mutable-side-effect-call-counter


encoding
json/plain11
side-effect-id


encoding
json/plain"m"
*
ªëÜÊ
(Š€@z
one
one"
goJ
X
«ëÜÊ(‹€@R

goÿ“ëÜ
«ëÜÊ((‹€@‚
 