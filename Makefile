# What a developer or a build server runs. Everything works from a fresh Debian 12 with Swift.

SWIFT_FLAGS = -c release --explicit-target-dependency-import-check error
PYTHON = .venv/bin/python

.PHONY: build demo test faults bench lint format golden clean setup

# Debian packages and the Python environment for the servers that tests and demo need.
setup:
	@Tests/Support/setup

# The command itself: .build/release/parity.
build: setup
	@test -d .build/release || echo "The first build compiles the HTTPS and cryptography packages too: about 10 minutes on 2 cores."
	swift build $(SWIFT_FLAGS) --product parity

# The main job on a made-up shop: green, then with planted faults red.
demo: build
	@Tests/Support/setup dbt
	@Tests/Support/demo

# Every test: formatting, Swift, the stand-in's own, and the fault bench.
test: build lint
	@Tests/Support/test

# Plants faults one at a time and prints how many are caught.
faults: build
	@$(PYTHON) Tests/FaultBench/bench.py

# Times Parity beside bare SQL, reladiff and DVT; their Python packages go into folders of their own.
# `make bench PARTS="start many"` runs other parts than the comparison.
bench: build
	@Benchmarks/setup
	@$(PYTHON) Benchmarks/bench.py --record $(PARTS)

lint:
	swift format lint --strict --parallel -r Sources Tests Package.swift

format:
	swift format --in-place --parallel -r Sources Tests Package.swift

# Accepts what the golden tests print now; read the difference before committing it.
golden: build
	@UPDATE_GOLDEN=1 Tests/Support/test swift

clean:
	rm -rf .build .venv .venv-bench-* out
