# Two stages: what builds needs the development packages, what runs needs neither them nor npm.
# Pin the base images by digest before production: docker buildx imagetools inspect node:24-bookworm-slim
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN node server/build.ts && npm prune --omit=dev --ignore-scripts

FROM gcr.io/distroless/nodejs24-debian12:nonroot
WORKDIR /app
ENV NODE_ENV=production ATTUNE_CONFIG=/etc/attune/attune.json
COPY --from=build /app/package.json /app/package-lock.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/launch launch
COPY --from=build /app/models models
COPY --from=build /app/server server
COPY --from=build /app/dist dist
COPY --from=build /app/LICENSE /app/NOTICE ./
# The data folder is a volume of its own; everything else may be read-only.
VOLUME /var/lib/attune
EXPOSE 8080
CMD ["server/main.ts"]
