"""Accepts connections and never responds."""

import socket

server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1])
connections = []
while True:
    connections.append(server.accept())
    print("connection")
