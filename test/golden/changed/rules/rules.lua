return {
  answering = "b0e61c1137b71bd8",
  views = {
    {
      name = "children",
      cacheEntries = 10000,
    },
    {
      name = "old-machines",
      cacheEntries = 10000,
    },
  },
  viewers = {
    {
      view = "children",
      subnets = {
        "10.2.0.0/16",
      },
    },
    {
      view = "old-machines",
      subnets = {
        "10.2.3.0/24",
      },
    },
    {
      view = "children",
      subnets = {
        "2001:db8:2::/48",
      },
    },
  },
  outage = {
    seconds = 60,
    ttl = 5,
  },
  acl = {
    "0.0.0.0/0",
    "::/0",
    "127.0.0.0/8",
    "::1/128",
    "198.51.100.53/32",
    "2001:db8::53/128",
  },
  protection = {
    exempt = {
      "kids",
    },
    queries = 100,
    prefixQueries = 5000,
    denials = 300,
    failures = 200,
    kibibytes = 512,
    blockSeconds = 30,
    warnPercent = 50,
    attackedNames = 20,
    any = "allow",
    nonRecursive = "refuse",
    host = {
      "127.0.0.0/8",
      "::1/128",
      "198.51.100.53/32",
      "2001:db8::53/128",
    },
  },
  discovery = {
    name = "dns.example.net",
    offers = {
      {
        alpn = "dot",
        port = 853,
      },
      {
        alpn = "h2",
        port = 443,
        path = "/ask",
      },
    },
    v4 = {
      "198.51.100.53",
    },
    v6 = {
      "2001:db8::53",
    },
  },
  policy = "roundrobin",
  clients = {
    kids = {
      subnets = {
        "10.1.0.0/16",
        "2001:db8:1::/48",
      },
    },
  },
  lists = {
    {
      name = "schoolwork",
      action = "allow",
      names = {
        name = "e1f01a7574fd8c2a.names",
        samples = {
          "school.example",
        },
      },
      clients = {
        "kids",
      },
    },
    {
      name = "games",
      action = "nxdomain",
      names = {
        name = "e4611bfb10a8a981.names",
        samples = {
          "games.example",
          "play.example",
        },
      },
      clients = {
        "kids",
      },
    },
    {
      name = "malware",
      action = "address",
      addresses = {
        "192.0.2.1",
        "2001:db8::1",
      },
      names = {
        name = "28fc01ce83866a1f.names",
        samples = {
          "evil.example",
        },
      },
    },
  },
  pools = {
    {
      name = "corp",
      domains = {
        "corp.example",
      },
      policy = "leastOutstanding",
      cacheEntries = 10000,
    },
  },
  servers = {
    ["corp#10.0.0.53:53"] = {
      address = "10.0.0.53:53",
      pool = "corp",
      sockets = 1,
      udpTimeout = 1,
      maxInFlight = 100,
      reconnectOnUp = true,
      retries = 2,
      tcpConnectTimeout = 1,
      tcpSendTimeout = 2,
      tcpRecvTimeout = 2,
      healthCheckMode = "auto",
      checkInterval = 1,
      checkTimeout = 1000,
      maxCheckFailures = 2,
      rise = 1,
      checkName = "corp.example.",
      checkType = "SOA",
      mustResolve = false,
    },
    ["corp#[2001:db8::53]:5300"] = {
      address = "[2001:db8::53]:5300",
      pool = "corp",
      sockets = 1,
      udpTimeout = 1,
      maxInFlight = 100,
      reconnectOnUp = true,
      retries = 2,
      tcpConnectTimeout = 1,
      tcpSendTimeout = 2,
      tcpRecvTimeout = 2,
      healthCheckMode = "auto",
      checkInterval = 1,
      checkTimeout = 1000,
      maxCheckFailures = 2,
      rise = 1,
      checkName = "corp.example.",
      checkType = "SOA",
      mustResolve = false,
    },
  },
}
