cd ~/app
docker build -t hello:1 .
docker run -d --name one -p 8001:80 hello:1
docker run -d --name two -p 8002:80 -e GREETING=Servus hello:1
