package io.github.controlnet.core.hub;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.internal.TextFiles;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where models come from and where they go. Immutable; begin with {@link #fromEnvironment()}.
 *
 * <p>The variables are those of Python's {@code huggingface_hub}: {@code HF_HUB_CACHE}, else {@code
 * HF_HOME}/hub, else {@code XDG_CACHE_HOME}/huggingface/hub, else ~/.cache/huggingface/hub; {@code
 * HF_TOKEN}, else the file that {@code HF_TOKEN_PATH} names, else {@code HF_HOME}/token; {@code
 * HF_ENDPOINT} for a mirror; {@code HF_HUB_OFFLINE=1} for no network at all; {@code HTTPS_PROXY},
 * {@code HTTP_PROXY}, {@code ALL_PROXY} and {@code NO_PROXY} for a proxy.
 */
public final class HubOptions {
  private static final URI HUB = URI.create("https://huggingface.co");
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration FIRST_DELAY = Duration.ofSeconds(1);
  private static final int ATTEMPTS = 5;

  private final Path cache;
  private final URI endpoint;
  private final Optional<String> token;
  private final boolean offline;
  private final boolean refresh;
  private final Duration timeout;
  private final int attempts;
  private final Duration delay;
  private final Optional<ProxySelector> proxy;

  private HubOptions(
      Path cache,
      URI endpoint,
      Optional<String> token,
      boolean offline,
      boolean refresh,
      Duration timeout,
      int attempts,
      Duration delay,
      Optional<ProxySelector> proxy) {
    this.proxy = proxy;
    this.cache = cache;
    this.endpoint = endpoint;
    this.token = token;
    this.offline = offline;
    this.refresh = refresh;
    this.timeout = timeout;
    this.attempts = attempts;
    this.delay = delay;
  }

  /**
   * Reads the environment of this process.
   *
   * @return the options
   * @throws InvalidRequestException when a variable's value cannot be used
   */
  public static HubOptions fromEnvironment() {
    return of(System.getenv(), Path.of(System.getProperty("user.home", ".")));
  }

  static HubOptions of(Map<String, String> environment, Path home) {
    Path caches =
        path(environment, "XDG_CACHE_HOME", home)
            .orElse(home.resolve(".cache"))
            .resolve("huggingface");
    Path hubHome = path(environment, "HF_HOME", home).orElse(caches);
    Path cache =
        path(environment, "HF_HUB_CACHE", home)
            .or(() -> path(environment, "HUGGINGFACE_HUB_CACHE", home))
            .orElse(hubHome.resolve("hub"));
    Optional<String> token =
        value(environment, "HF_TOKEN")
            .or(() -> value(environment, "HUGGING_FACE_HUB_TOKEN"))
            .or(
                () ->
                    readToken(
                        path(environment, "HF_TOKEN_PATH", home).orElse(hubHome.resolve("token"))));
    String offline =
        value(environment, "HF_HUB_OFFLINE")
            .or(() -> value(environment, "TRANSFORMERS_OFFLINE"))
            .orElse("")
            .toUpperCase(Locale.ROOT);
    HubOptions options =
        new HubOptions(
            cache,
            HUB,
            Optional.empty(),
            List.of("1", "ON", "YES", "TRUE").contains(offline),
            false,
            TIMEOUT,
            ATTEMPTS,
            FIRST_DELAY,
            EnvironmentProxy.of(environment));
    return InvalidRequestException.checking(
        () -> {
          HubOptions known = token.map(options::withToken).orElse(options);
          return value(environment, "HF_ENDPOINT").map(known::withEndpoint).orElse(known);
        });
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  private static Optional<Path> path(Map<String, String> environment, String name, Path home) {
    return value(environment, name)
        .map(
            text ->
                text.equals("~")
                    ? home
                    : text.startsWith("~/") ? home.resolve(text.substring(2)) : Path.of(text));
  }

  private static Optional<String> readToken(Path file) {
    try {
      return Files.isRegularFile(file)
          ? Optional.of(TextFiles.read(file).strip()).filter(text -> !text.isEmpty())
          : Optional.empty();
    } catch (IOException e) {
      throw new InvalidRequestException(
          "The hub's token cannot be read from %s: %s. Mend the file, or set HF_TOKEN."
              .formatted(file, e),
          e);
    }
  }

  /**
   * Uses another cache.
   *
   * @param folder the folder that holds {@code models--org--name}; made when it is missing
   * @return a new value
   */
  public HubOptions withCache(Path folder) {
    return new HubOptions(
        folder, endpoint, token, offline, refresh, timeout, attempts, delay, proxy);
  }

  /**
   * Uses a mirror.
   *
   * @param address its address, such as {@code https://huggingface.co}
   * @return a new value
   * @throws IllegalArgumentException when it is no http or https address
   */
  public HubOptions withEndpoint(String address) {
    URI uri;
    try {
      uri = URI.create(address.strip().replaceAll("/+$", ""));
    } catch (IllegalArgumentException e) {
      throw noEndpoint(address);
    }
    boolean http = "https".equalsIgnoreCase(uri.getScheme()) || "http".equals(uri.getScheme());
    if (!http || uri.getHost() == null || uri.getQuery() != null || uri.getFragment() != null) {
      throw noEndpoint(address);
    }
    return new HubOptions(cache, uri, token, offline, refresh, timeout, attempts, delay, proxy);
  }

  private static IllegalArgumentException noEndpoint(String address) {
    return new IllegalArgumentException(
        "The hub's endpoint (HF_ENDPOINT) is \"%s\"; expected an address such as https://huggingface.co."
            .formatted(address));
  }

  /**
   * Identifies the user to the endpoint, and to no other host.
   *
   * @param secret an access token
   * @return a new value
   * @throws IllegalArgumentException when it has characters that no token has
   */
  public HubOptions withToken(String secret) {
    // The value itself must not reach a message or a log.
    if (!secret.matches("[\\x21-\\x7e]+")) {
      throw new IllegalArgumentException(
          "The hub's token (HF_TOKEN) is empty or has spaces or letters that no token has; set it to the token alone.");
    }
    return new HubOptions(
        cache, endpoint, Optional.of(secret), offline, refresh, timeout, attempts, delay, proxy);
  }

  /**
   * Forbids or allows the network.
   *
   * @param value whether only what is in the cache is to be used
   * @return a new value
   */
  public HubOptions withOffline(boolean value) {
    return new HubOptions(cache, endpoint, token, value, refresh, timeout, attempts, delay, proxy);
  }

  /**
   * Looks for a newer commit of a branch even when the cache has all that is needed.
   *
   * @param value whether to ask the hub
   * @return a new value
   */
  public HubOptions withRefresh(boolean value) {
    return new HubOptions(cache, endpoint, token, offline, value, timeout, attempts, delay, proxy);
  }

  /**
   * Sets how long to wait for a connection, for an answer and for the next bytes of a file.
   *
   * @param value more than zero; 30 seconds when none is set
   * @return a new value
   */
  public HubOptions withTimeout(Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(
          "The hub's time-out is %s; expected more than zero.".formatted(value));
    }
    return new HubOptions(cache, endpoint, token, offline, refresh, value, attempts, delay, proxy);
  }

  /**
   * Sets how often something is tried that may go better the next time: a cut connection, a
   * time-out, the statuses 429 and 500 to 599. A file that has got further counts from the
   * beginning.
   *
   * @param count 1 or more; 5 when none is set
   * @param firstDelay the wait before the second attempt, which doubles with each; 1 second when
   *     none is set
   * @return a new value
   */
  public HubOptions withAttempts(int count, Duration firstDelay) {
    if (count < 1 || firstDelay.isNegative()) {
      throw new IllegalArgumentException(
          "The hub's attempts are %d with a delay of %s; expected at least 1, and a delay of zero or more."
              .formatted(count, firstDelay));
    }
    return new HubOptions(
        cache, endpoint, token, offline, refresh, timeout, count, firstDelay, proxy);
  }

  /**
   * Returns the folder of the cache.
   *
   * @return the folder, which may not exist yet
   */
  public Path cache() {
    return cache;
  }

  /**
   * Returns the hub's address.
   *
   * @return the address, without a slash at its end
   */
  public URI endpoint() {
    return endpoint;
  }

  Optional<String> token() {
    return token;
  }

  /**
   * Tells whether the network is forbidden.
   *
   * @return true when only the cache is used
   */
  public boolean offline() {
    return offline;
  }

  boolean refresh() {
    return refresh;
  }

  Duration timeout() {
    return timeout;
  }

  int attempts() {
    return attempts;
  }

  Optional<ProxySelector> proxy() {
    return proxy;
  }

  Duration delay() {
    return delay;
  }

  @Override
  public String toString() {
    return "%s, cache %s%s%s"
        .formatted(
            endpoint, cache, offline ? ", offline" : "", token.isPresent() ? ", with a token" : "");
  }
}
