# The service and the `segue` command; worlds are built, and rankers trained, elsewhere (they need Python).
# Without client keys Segue listens on loopback only: give SEGUE_HTTP_HOST, SEGUE_GRPC_HOST and SEGUE_CLIENT_KEYS_FILE.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY buf.yaml buf.gen.yaml nest-cli.json tsconfig.json ./
COPY proto proto
COPY wasm wasm
COPY src src
RUN npm run build
# Not needed: the Node 24 that npm pinned, since the image has its own, and the runtime's libraries for other systems (220 MB).
RUN npm prune --omit=dev && rm -rf \
  node_modules/node-linux-* node_modules/node-bin-* node_modules/.bin/node \
  node_modules/onnxruntime-node/bin/napi-*/darwin node_modules/onnxruntime-node/bin/napi-*/win32

FROM node:24-bookworm-slim
ENV NODE_ENV=production SEGUE_DATA_DIR=/var/lib/segue
WORKDIR /app
RUN install -d -o node -g node /var/lib/segue
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY models models
COPY data/demo data/demo
USER node
VOLUME /var/lib/segue
EXPOSE 8080 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SEGUE_HTTP_PORT || 8080}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["dist/main.js"]
