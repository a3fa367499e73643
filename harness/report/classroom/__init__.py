"""What a class sees of itself: figures for a projector at eight metres and for a phone, numbers beneath.

`sheet` says how large everything is; `bars`, `slopes`, `grid`, `axis`, `pieces` and `plane` draw; `screens`
turns pictures of a class into figures whose titles are answers in words. Nothing here computes.
"""
