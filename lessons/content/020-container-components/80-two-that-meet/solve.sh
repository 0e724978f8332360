cd ~/app
docker compose up -d
sleep 1; curl localhost:8080
docker compose stop store
docker compose up -d
