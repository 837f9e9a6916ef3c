package io.github.controlnet.progress;

/**
 * Is told how far a download is. It is called on the thread that downloads; what it throws ends the
 * download and reaches the caller. What has arrived stays in the cache for the next time.
 */
@FunctionalInterface
public interface DownloadListener {

  /**
   * Some bytes arrived; called several times a second at most, and at the end of each file.
   *
   * @param progress how far things are
   */
  void onProgress(DownloadProgress progress);
}
