-- A script: what it sets comes last.
net.tcp_pipeline(50)
