package io.github.controlnet.core.hub;

import io.github.controlnet.exception.InvalidRequestException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The proxy that the environment names, as curl and Python take it: {@code HTTPS_PROXY}, {@code
 * HTTP_PROXY} for plain addresses, {@code ALL_PROXY} for both, each in capitals or not, and {@code
 * NO_PROXY} for hosts that are reached without.
 */
final class EnvironmentProxy extends ProxySelector {
  private static final int USUAL_PORT = 8080;

  private final Optional<Proxy> secure;
  private final Optional<Proxy> plain;
  private final List<String> without;

  private EnvironmentProxy(Optional<Proxy> secure, Optional<Proxy> plain, List<String> without) {
    this.secure = secure;
    this.plain = plain;
    this.without = without;
  }

  /** Returns the selector, when the environment names a proxy; else the JVM's own stays. */
  static Optional<ProxySelector> of(Map<String, String> environment) {
    Optional<Proxy> secure = proxy(environment, "HTTPS_PROXY");
    Optional<Proxy> plain = proxy(environment, "HTTP_PROXY");
    if (secure.isEmpty() && plain.isEmpty()) {
      return Optional.empty();
    }
    List<String> without =
        value(environment, "NO_PROXY").stream()
            .flatMap(text -> Stream.of(text.split(",", -1)))
            .map(host -> host.strip().toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", ""))
            .filter(host -> !host.isEmpty())
            .toList();
    return Optional.of(new EnvironmentProxy(secure, plain, without));
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Stream.of(name.toLowerCase(Locale.ROOT), name)
        .map(key -> environment.getOrDefault(key, "").strip())
        .filter(text -> !text.isEmpty())
        .findFirst();
  }

  private static Optional<Proxy> proxy(Map<String, String> environment, String name) {
    return value(environment, name)
        .or(() -> value(environment, "ALL_PROXY"))
        .map(text -> parse(name, text));
  }

  private static Proxy parse(String name, String text) {
    try {
      URI address = URI.create(text.contains("://") ? text : "http://" + text);
      String scheme = address.getScheme().toLowerCase(Locale.ROOT);
      if (address.getHost() == null || address.getUserInfo() != null || !scheme.equals("http")) {
        throw unusable(name, null);
      }
      int port = address.getPort() < 0 ? USUAL_PORT : address.getPort();
      return new Proxy(
          Proxy.Type.HTTP, InetSocketAddress.createUnresolved(address.getHost(), port));
    } catch (IllegalArgumentException e) {
      throw unusable(name, e);
    }
  }

  /** The value itself may hold a password. */
  private static InvalidRequestException unusable(
      String name, @org.jspecify.annotations.Nullable Exception cause) {
    String message =
        "The proxy in %s cannot be used; expected an address such as http://proxy.example:3128, without a password."
            .formatted(name);
    return cause == null
        ? new InvalidRequestException(message)
        : new InvalidRequestException(message, cause);
  }

  @Override
  public List<Proxy> select(URI address) {
    String host = String.valueOf(address.getHost()).toLowerCase(Locale.ROOT);
    boolean direct =
        without.stream()
            .anyMatch(each -> each.equals("*") || host.equals(each) || host.endsWith("." + each));
    Optional<Proxy> proxy = "https".equalsIgnoreCase(address.getScheme()) ? secure : plain;
    return List.of(direct ? Proxy.NO_PROXY : proxy.orElse(Proxy.NO_PROXY));
  }

  @Override
  public void connectFailed(URI address, SocketAddress proxy, IOException problem) {
    // The client tells the same to whoever asked.
  }
}
