docker run -d --name store2 -v talk:/data redis:8.0
until docker exec store2 redis-cli set talk 'docker run vs. kubectl apply' </dev/null; do sleep 0.2; done
docker exec store2 redis-cli save </dev/null
docker rm -f store2
docker run -d --name store3 -v talk:/data redis:8.0
until docker exec store3 redis-cli get talk </dev/null; do sleep 0.2; done
