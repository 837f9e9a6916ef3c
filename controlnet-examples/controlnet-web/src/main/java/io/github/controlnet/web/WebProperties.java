package io.github.controlnet.web;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The server's limits.
 *
 * @param apiKey who has not got it gets nothing; none when it is not set
 * @param queue how many generations may wait
 * @param queueSize how many bytes the generations that wait may have in all, pictures unpacked
 * @param keep how many finished generations are kept in memory for their pages
 * @param keepSize how many bytes the finished generations that are kept may have in all
 * @param maxUpload how large the body of a request may be
 * @param maxPixels how many pixels a picture of a request may have
 * @param maxSide how long a side of a generated picture may be, in pixels
 * @param maxImages how many images one request may ask for
 * @param maxSteps how many steps one request may ask for
 * @param timeout how long one generation may run
 * @param viewers how many pages may follow generations at once
 * @param annotatorModels weights of annotators by their names, or by name and option such as
 *     openpose_full.hand_model; requests cannot name files
 */
@ConfigurationProperties("controlnet.web")
public record WebProperties(
    @Nullable String apiKey,
    @DefaultValue("16") int queue,
    @DefaultValue("512MB") DataSize queueSize,
    @DefaultValue("24") int keep,
    @DefaultValue("256MB") DataSize keepSize,
    @DefaultValue("48MB") DataSize maxUpload,
    @DefaultValue("8388608") int maxPixels,
    @DefaultValue("1024") int maxSide,
    @DefaultValue("12") int maxImages,
    @DefaultValue("100") int maxSteps,
    @DefaultValue("30m") Duration timeout,
    @DefaultValue("64") int viewers,
    @DefaultValue Map<String, Path> annotatorModels) {
  /** Copies the map; paths become absolute, so that clients are told of their files alone. */
  public WebProperties {
    annotatorModels =
        annotatorModels.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    Map.Entry::getKey, entry -> entry.getValue().toAbsolutePath()));
  }

  /** Tells whether a key is asked for. */
  boolean isLocked() {
    return apiKey != null && !apiKey.isEmpty();
  }
}
