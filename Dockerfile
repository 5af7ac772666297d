# The program alone: one static binary, the time zones and everything it serves are
# inside. Data lie in /data; run it as any user that may write there.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION= COMMIT=
RUN mkdir -p /out/data /out/tmp && go run ./packaging program "$(go env GOOS)/$(go env GOARCH)" "$VERSION" "$COMMIT" /out/duban

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/duban /duban
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
ENV DUBAN_LISTEN=0.0.0.0:8080 DUBAN_DATABASE_URL=sqlite:/data/duban.db DUBAN_FILES=folder:/data/files DUBAN_TRAIL_FOLDER=/data/trail
EXPOSE 8080
VOLUME /data
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["/duban", "health"]
ENTRYPOINT ["/duban"]
CMD ["serve"]
