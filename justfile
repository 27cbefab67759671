# Short names for what is done often. `just` is a convenience: every line works when typed by hand.

# List the recipes.
default:
    @just --list

# Everything that must hold before a change is merged.
ci:
    .ci/run

# Gateway and sandbox together, without credentials.
run *arguments:
    cargo run --locked -- serve --sandbox {{ arguments }}

# All tests, or those that match.
test *filter:
    cargo test --locked {{ filter }}

# Time and allocations of reading, writing and decoding; or only those that match.
bench *filter:
    cargo bench --locked --bench translation -- {{ filter }}

# What the ledger reaches on this disk: the store alone, then the released binary; `.ci/bench-ledger --help` lists what can be chosen.
bench-ledger *arguments:
    cargo bench --locked --bench ledger
    just release
    .ci/bench-ledger {{ arguments }}

# The released binary, of at most 25 MB. Benches leave one of their own in its place, which cargo would take for this one.
release:
    rm -f target/release/approval-gateway
    cargo build --release --locked
    test "$(stat --format %s target/release/approval-gateway)" -le 25000000

# The released binary under load, beside nginx; `just load --help` lists what can be chosen.
load *arguments: release
    .ci/load {{ arguments }}

# Formatting and lints.
lint:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings

# Licences, banned crates and sources of the dependency tree.
deny:
    cargo deny check licenses bans sources

# Known vulnerabilities in the dependency tree; needs the network.
advisories:
    cargo deny check advisories

# The OpenAPI files, from the code.
openapi:
    cargo run --locked -- openapi > openapi/openapi.json
    cargo run --locked -- openapi --format yaml > openapi/openapi.yaml
    cargo run --locked -- openapi --version 3.0 > openapi/openapi-3.0.json

# The answers in openapi/examples, from the gateway itself; read what has changed, and run `just openapi`.
examples:
    RECORD_EXAMPLES=1 cargo test --locked --test gateway examples

# The approval centre and the console, from their sources; needs Node. The gateway embeds what is built.
pages:
    .ci/node-modules pages
    npm --prefix pages run build

# The pictures of the README, from the gateway itself.
picture:
    cargo build --locked
    .ci/node-modules pages
    CHROMIUM=$(command -v chromium) .ci/with-sandbox target/debug/approval-gateway node pages/tests/picture.mjs docs

# Fuzzing of everything that parses: so many seconds for each target.
fuzz seconds="60":
    .ci/fuzz-parsers {{ seconds }}

# Mixed load with random faults for so many minutes; nothing may be lost, wrong or leak.
soak minutes="10": release
    .ci/soak target/release/approval-gateway {{ minutes }}

# The same with a ledger, and with outages; what was accepted must be delivered in the end.
soak-ledger minutes="10": release
    .ci/soak-ledger target/release/approval-gateway {{ minutes }}

# Kills the gateway under load so many times; nothing that was acknowledged may be lost.
crash kills="200":
    CRASHES={{ kills }} cargo test --locked --test program crash::kills

# So many misfortunes, at random, of three gateways on one PostgreSQL; the same ones for the same seed.
misfortunes count="100" seed="1":
    MISFORTUNES={{ count }} SEED={{ seed }} cargo test --locked --test program crash::misfortunes -- --nocapture

# The documentation of the code.
doc:
    RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --locked --open

# The container image.
image:
    docker build --tag approval-gateway .
