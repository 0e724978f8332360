cd ~/app
docker build -t hello:2 .
