# SPDX-License-Identifier: MIT
#
# Go in an image that holds two executables and nothing else.

ARG HEALTHPROBE_IMAGE=healthprobe

FROM ${HEALTHPROBE_IMAGE} AS healthprobe

FROM golang:1.25 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -o /server .

FROM scratch
COPY --from=build /server /server
COPY --from=healthprobe /healthprobe /healthprobe
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["/healthprobe", ":8080/healthz"]
ENTRYPOINT ["/server"]
