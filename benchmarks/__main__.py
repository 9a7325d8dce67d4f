"""`make bench`: every benchmark, one after the other."""

from benchmarks import argocd, check, live, publish, render, scale, scans, startup

startup.main([])
scans.main([])
render.main(1000)
check.main(1000)
scale.main([])
publish.main([])
argocd.main([])
live.main()
