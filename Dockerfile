# syntax=docker/dockerfile:1

# Alpine's toolchain links against musl, so the program needs nothing from the final image.
FROM rust:1.95-alpine AS build
RUN apk add --no-cache build-base linux-headers
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --profile dist --locked --bin broadsheet \
    && install -D -m 0755 target/dist/broadsheet /out/broadsheet \
    && mkdir -p /out/state

# Certificates and a user without rights; no shell, no package manager.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/broadsheet /usr/local/bin/broadsheet
COPY --from=build --chown=65532:65532 /out/state /var/lib/broadsheet
WORKDIR /var/lib/broadsheet
ENV BROADSHEET__HTTP__LISTEN=0.0.0.0:8080 \
    BROADSHEET__DATABASE__URL=sqlite:/var/lib/broadsheet/broadsheet.db \
    BROADSHEET__MAIL__DIRECTORY=/var/lib/broadsheet/mail
VOLUME /var/lib/broadsheet
EXPOSE 8080
USER 65532:65532
# After SIGTERM no new mail is begun; the ones under way are finished.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["/usr/local/bin/broadsheet", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/broadsheet"]
CMD ["serve"]
