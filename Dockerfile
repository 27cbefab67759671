# The tag follows rust-toolchain.toml, which stays outside the image: it would have rustup fetch lint tools that a build
# does not need. Debian 12 on both sides, so that the C library at run time is the one linked against.
FROM rust:1.95.0-bookworm AS build
WORKDIR /build

# Dependencies by themselves, in a layer that only a change of Cargo.toml, Cargo.lock, .cargo/ or build/ invalidates.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY build build
COPY pages/dist pages/dist
RUN mkdir src benches benches/load \
 && echo 'fn main() {}' > src/main.rs \
 && touch src/lib.rs benches/translation.rs benches/ledger.rs benches/load/main.rs \
 && cargo build --release --locked \
 && rm -r src benches

# `touch`, because cargo goes by time stamps and the empty sources above are younger than the real ones.
COPY . .
# Shown by /version: docker build --build-arg GATEWAY_GIT_REVISION=$(git rev-parse --short HEAD) .
ARG GATEWAY_GIT_REVISION=
RUN touch src/main.rs src/lib.rs \
 && cargo build --release --locked \
 && install -d -m 700 /var/lib/approval-gateway

# No shell and no package manager to attack; it has the CA certificates that TLS toward Feishu needs.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /build/target/release/approval-gateway /usr/local/bin/approval-gateway

# The ledger lies in the working directory, as the setting's default is a relative path: mount a volume of a local disk there,
# or what was accepted is lost with the container. A new volume takes over the owner.
COPY --from=build --chown=65532:65532 /var/lib/approval-gateway /var/lib/approval-gateway
WORKDIR /var/lib/approval-gateway
VOLUME /var/lib/approval-gateway

# Loopback would be the container's own. From here on callers need keys: mount a file and set GATEWAY_AUTH__KEYS_FILE,
# or set GATEWAY_AUTH__ALLOW_ANONYMOUS=true when something in front checks them.
ENV GATEWAY_LISTEN=0.0.0.0:8080
EXPOSE 8080

# By number, so that an orchestrator can see that it is not root (65532 is the image's "nonroot").
USER 65532:65532

# The binary asks itself, as there is no shell and no curl. It reads the same environment as the server: set the address
# there rather than by a flag.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["/usr/local/bin/approval-gateway", "healthcheck"]

# Exec form: the gateway is process 1 and gets the SIGTERM that makes it drain.
ENTRYPOINT ["/usr/local/bin/approval-gateway"]
CMD ["serve"]
