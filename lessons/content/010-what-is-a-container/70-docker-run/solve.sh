docker run -d --name web nginx:1.26
