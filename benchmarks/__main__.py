"""All benchmarks, one after the other: python -m benchmarks"""

from benchmarks import estimates, one_post, ready_and_memory, report_growth

if __name__ == "__main__":
    for benchmark in (ready_and_memory, one_post, estimates, report_growth):
        print((benchmark.__doc__ or "").splitlines()[0])
        benchmark.main()
