package io.github.controlnet.progress;

/**
 * How far a download is. Files that were in the cache already are not part of it.
 *
 * @param file the file's path in the repository
 * @param fileBytes how many of its bytes are there, those of an earlier, cut download included
 * @param fileSize its size in bytes, or -1 when the server does not tell
 * @param bytes how many bytes of all files are there
 * @param totalSize the size of all files in bytes, without those whose size is unknown
 */
public record DownloadProgress(
    String file, long fileBytes, long fileSize, long bytes, long totalSize) {}
