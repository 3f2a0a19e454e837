"""A WebSub hub for our own feeds (W3C Recommendation, 23 January 2018)."""
