import * as pulumi from "@pulumi/pulumi";

/** Everything that a stack makes in Docker carries this label: whose it is. */
export const stackLabel = "recursive-dns.stack";

/** The container that steers carries this one: `address#port ...`, so that no other stack takes them. */
export const claimLabel = "recursive-dns.service-address";

export const stackName = () => `${pulumi.getProject()}/${pulumi.getStack()}`;
