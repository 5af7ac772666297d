-- The Merkle tree over the trail. A leaf's place is given when its event is seen
-- committed, not when it is written, so that acts never wait for one another. The
-- hashes lie in tiles of 256, which proofs are read from; verifying never trusts them.

-- +goose Up

CREATE TABLE trail_leaves (
    seq       BIGINT PRIMARY KEY,
    event_id  BIGINT NOT NULL UNIQUE
);

CREATE TABLE trail_tiles (
    level   INTEGER NOT NULL,
    n       BIGINT NOT NULL,
    hashes  {{.bytes}} NOT NULL,
    PRIMARY KEY (level, n)
);

-- How far the tree is: so many leaves, and every event up to that one was seen or is
-- among the gaps. Who may take it further is the lease's.
CREATE TABLE trail_state (
    id           INTEGER PRIMARY KEY,
    size         BIGINT NOT NULL,
    reached      BIGINT NOT NULL,
    owner        TEXT NOT NULL DEFAULT '',
    lease_until  {{.instant}},
    grown_at     {{.instant}}
);
INSERT INTO trail_state (id, size, reached) VALUES (1, 0, 0);

-- Numbers that were passed over: an act that was taken back, or one that is slower
-- than a later one.
CREATE TABLE trail_gaps (
    event_id  BIGINT PRIMARY KEY,
    since     {{.instant}} NOT NULL
);

-- Signed heads. The same lie outside the database and in digests.
CREATE TABLE checkpoints (
    id    {{.id}},
    size  BIGINT NOT NULL UNIQUE,
    root  TEXT NOT NULL,
    at    {{.instant}} NOT NULL,
    note  TEXT NOT NULL
);

-- The public keys that heads were signed with, and from which event on.
CREATE TABLE trail_keys (
    n         INTEGER PRIMARY KEY,
    verifier  TEXT NOT NULL,
    since     BIGINT NOT NULL,
    at        {{.instant}} NOT NULL
);
