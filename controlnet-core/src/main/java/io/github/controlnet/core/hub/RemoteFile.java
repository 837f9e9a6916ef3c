package io.github.controlnet.core.hub;

/**
 * A file on the hub.
 *
 * @param name its path in the repository
 * @param etag the name of its blob: the SHA-256 of large files, git's blob SHA-1 of small ones
 * @param size bytes, or -1 when the server does not tell
 */
record RemoteFile(String name, String etag, long size) {}
