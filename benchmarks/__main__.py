"""All benchmarks, one after the other: python -m benchmarks"""

from benchmarks import estimates, factor_search, gateway_forward, one_post, ready_and_memory, report_growth, reported_total, resolutions

if __name__ == "__main__":
    for benchmark in (ready_and_memory, one_post, estimates, resolutions, factor_search, report_growth, gateway_forward, reported_total):
        print((benchmark.__doc__ or "").splitlines()[0])
        benchmark.main()
