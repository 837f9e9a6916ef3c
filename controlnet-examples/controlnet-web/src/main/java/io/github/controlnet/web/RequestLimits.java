package io.github.controlnet.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * What every request must pass: the key when there is one, the bound on the body's size, and, when
 * the server listens for this machine alone, a host name of this machine, so that no page elsewhere
 * can reach it under a name of its own (DNS rebinding).
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class RequestLimits extends OncePerRequestFilter {
  static final String COOKIE = "controlnet-key";
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " img-src 'self' data: blob:; manifest-src 'self'; base-uri 'none';"
          + " form-action 'self'; frame-ancestors 'none'";

  /** What a page needs before it can ask for the key. */
  private static final List<String> OPEN =
      List.of(
          "/",
          "/index.html",
          "/annotator.html",
          "/favicon.svg",
          "/api/session",
          "/actuator/health");

  private final WebProperties limits;
  private final boolean localOnly;

  RequestLimits(WebProperties limits, ServerProperties server) {
    this.limits = limits;
    InetAddress address = server.getAddress();
    this.localOnly = address != null && address.isLoopbackAddress();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    response.setHeader("Content-Security-Policy", POLICY);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Referrer-Policy", "same-origin");
    response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    long most = limits.maxUpload().toBytes();
    if (localOnly && !isLocal(request.getServerName())) {
      refuse(response, 403, "wrong host", "This server serves its own machine alone.");
    } else if (foreign(request)) {
      refuse(response, 403, "wrong origin", "A page of another origin may not send requests.");
    } else if (!mayEnter(request)) {
      response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
      refuse(response, 401, "no key", "This server asks for its key: X-API-Key.");
    } else if (request.getContentLengthLong() > most) {
      refuse(response, 413, "too large", tooLarge(most));
    } else if (request.getServletPath().equals("/error")) {
      // Where the container sends what failed; nobody else has business there.
      refuse(response, 404, "Not Found", "There is no such page.");
    } else {
      chain.doFilter(new Bounded(request, most), response);
    }
  }

  private static String tooLarge(long most) {
    return "The body of a request may have %d bytes.".formatted(most);
  }

  private static void refuse(HttpServletResponse response, int status, String error, String detail)
      throws IOException {
    response.setStatus(status);
    response.setContentType("application/json");
    response.setCharacterEncoding("UTF-8");
    response.getWriter().write("{\"error\":\"%s\",\"detail\":\"%s\"}".formatted(error, detail));
  }

  private static boolean isLocal(String host) {
    if (host.equalsIgnoreCase("localhost")
        || host.toLowerCase(Locale.ROOT).endsWith(".localhost")) {
      return true;
    }
    // Numbers are not looked up.
    if (!host.matches("[0-9.]+|\\[?[0-9a-fA-F:.]+]?")) {
      return false;
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Browsers tell the origin of what changes something. */
  private static boolean foreign(HttpServletRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (request.getMethod().equals("GET") || request.getMethod().equals("HEAD")) {
      return false;
    }
    if (site != null) {
      return !site.equals("same-origin") && !site.equals("none");
    }
    // Without encryption they tell it only where they are on the same machine.
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    String host = request.getHeader(HttpHeaders.HOST);
    return origin != null && !origin.replaceFirst("^[a-z]+://", "").equalsIgnoreCase(host);
  }

  private boolean mayEnter(HttpServletRequest request) {
    if (!limits.isLocked()) {
      return true;
    }
    String path = request.getServletPath();
    if (OPEN.contains(path) || path.startsWith("/assets/")) {
      return true;
    }
    byte[] key = String.valueOf(limits.apiKey()).getBytes(StandardCharsets.UTF_8);
    return given(request)
        .filter(text -> MessageDigest.isEqual(key, text.getBytes(StandardCharsets.UTF_8)))
        .isPresent();
  }

  private static Optional<String> given(HttpServletRequest request) {
    String header = request.getHeader("X-API-Key");
    if (header != null) {
      return Optional.of(header);
    }
    String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (authorization != null && authorization.startsWith("Bearer ")) {
      return Optional.of(authorization.substring("Bearer ".length()));
    }
    if (authorization != null && authorization.startsWith("Basic ")) {
      return password(authorization.substring("Basic ".length()));
    }
    Cookie[] cookies = request.getCookies();
    if (cookies != null) {
      for (Cookie cookie : cookies) {
        if (cookie.getName().equals(COOKIE)) {
          return decoded(cookie.getValue());
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> password(String encoded) {
    return decoded(encoded)
        .filter(pair -> pair.contains(":"))
        .map(pair -> pair.substring(pair.indexOf(':') + 1));
  }

  private static Optional<String> decoded(String encoded) {
    try {
      return Optional.of(new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Says that a body had no declared length and went on for too long. */
  static final class TooLargeException extends IOException {
    TooLargeException(String message) {
      super(message);
    }
  }

  /** A request whose body ends at the bound. */
  private static final class Bounded extends HttpServletRequestWrapper {
    private final long most;
    private @Nullable ServletInputStream stream;

    Bounded(HttpServletRequest request, long most) {
      super(request);
      this.most = most;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      if (stream == null) {
        stream = new BoundedStream(super.getInputStream(), most);
      }
      return stream;
    }

    @Override
    public BufferedReader getReader() throws IOException {
      return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
    }
  }

  private static final class BoundedStream extends ServletInputStream {
    private final ServletInputStream stream;
    private final long most;
    private long count;

    BoundedStream(ServletInputStream stream, long most) {
      this.stream = stream;
      this.most = most;
    }

    private int counted(int bytes) throws IOException {
      count += Math.max(0, bytes);
      if (count > most) {
        throw new TooLargeException(tooLarge(most));
      }
      return bytes;
    }

    @Override
    public int read() throws IOException {
      int next = stream.read();
      counted(next < 0 ? 0 : 1);
      return next;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      return counted(stream.read(buffer, offset, length));
    }

    @Override
    public boolean isFinished() {
      return stream.isFinished();
    }

    @Override
    public boolean isReady() {
      return stream.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
      stream.setReadListener(listener);
    }
  }
}
