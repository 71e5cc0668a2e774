# The commands of this repository, for who has `just`; each line runs by itself as well. Nothing needs it.

# Everything that must hold before a change lands.
check:
    .ci/run

# Format, lint, and look at the rooms: what takes a minute.
quick:
    cargo fmt --all
    scripts/structure
    cargo lint

# Circles, imports upwards, lengths and documentation, per crate.
structure:
    scripts/structure

# The files that a payment, a refusal and a log line open.
walk:
    scripts/walk --functions

# The libraries' public API against docs/api.
public-api:
    scripts/public-api

# Record the public API as it is now.
accept-public-api:
    scripts/public-api --accept

# Instructions of a log line, a request, a payment and a refusal against docs/instructions.txt (needs valgrind).
instructions:
    scripts/instructions

# Record the counts as they are now.
accept-instructions why:
    scripts/instructions --accept "{{why}}"

# A log record beside its peers, against docs/log-ratios.txt.
log-ratios:
    .ci/log-ratios

# Look for an event that breaks a log line, a request or a value that is misread (needs nightly and cargo-fuzz).
fuzz seconds="60":
    cd standards-core && cargo +nightly fuzz run record -- -max_total_time={{seconds}}
    cd standards-axum && cargo +nightly fuzz run json -- -max_total_time={{seconds}}
    cd standards-axum && cargo +nightly fuzz run query -- -max_total_time={{seconds}}
    cd reference-pago-service && cargo +nightly fuzz run values -- -max_total_time={{seconds}}

# Payments and log records beside their peers; nothing else should run meanwhile.
bench:
    cargo bench-log
    cargo bench-stack
    cargo bench-http
    cargo bench-pagos
