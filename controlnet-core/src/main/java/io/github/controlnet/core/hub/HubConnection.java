package io.github.controlnet.core.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.exception.Help;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.HubReference;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Speaks the hub's protocol. Redirects are followed here and not by the JDK's client, which would
 * send the token along to whatever host they lead to.
 */
final class HubConnection {
  private static final int MOST_REDIRECTS = 10;
  private static final int LONGEST_LIST = 64 << 20;
  private static final String LINKED_ETAG = "X-Linked-Etag";
  private static final String LINKED_SIZE = "X-Linked-Size";
  private static final String REPO_COMMIT = "X-Repo-Commit";
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HubOptions options;
  private final HttpClient client;

  HubConnection(HubOptions options) {
    this.options = options;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(options.timeout());
    options.proxy().ifPresent(builder::proxy);
    this.client = builder.build();
  }

  /**
   * An answer whose body has not been read.
   *
   * @param address who gave it
   * @param response the answer
   * @param told what the redirects that led to it said of the file, by header
   */
  private record Answer(
      URI address,
      HttpResponse<Flow.Publisher<List<ByteBuffer>>> response,
      Map<String, String> told) {
    int status() {
      return response.statusCode();
    }

    /** A header that tells of the file, of the first answer that has it. */
    Optional<String> ofFile(String name) {
      return Optional.ofNullable(told.get(name)).or(() -> header(name));
    }

    Optional<String> header(String name) {
      return response.headers().firstValue(name);
    }

    /** The name of the file's content, as the hub or, without it, the file's own host says. */
    Optional<String> etag() {
      return ofFile(LINKED_ETAG)
          .or(() -> header("ETag"))
          .map(text -> text.replaceFirst("^W/", "").replace("\"", ""));
    }
  }

  /** The rest of a file's bytes, and where they begin. */
  record Content(BodyReader body, long start) implements AutoCloseable {
    @Override
    public void close() {
      body.close();
    }
  }

  /** Asks for the commit that a revision is at, and the files that it has. */
  Revision revision(HubReference reference) throws IOException, InterruptedException {
    URI address =
        address(
            "/api/models/%s/revision/%s"
                .formatted(reference.repository(), encoded(reference.revision())));
    return new Backoff(options)
        .run(
            () -> {
              Answer answer = send("GET", address, 0, true);
              try (BodyReader body = body(answer)) {
                requireGood(answer, reference, Optional.empty());
                return revision(reference, body.all(LONGEST_LIST));
              }
            });
  }

  private Revision revision(HubReference reference, byte[] json) throws IOException {
    try {
      JsonNode root = JSON.readTree(json);
      String commit = root.path("sha").asText();
      if (!Revision.isCommit(commit) || !root.path("siblings").isArray()) {
        throw notTheProtocol("the list of files of %s has no commit".formatted(reference), null);
      }
      List<String> files = new ArrayList<>();
      for (JsonNode sibling : root.path("siblings")) {
        String name = sibling.path("rfilename").asText();
        checkInside(reference, name);
        files.add(name);
      }
      return new Revision(commit, files);
    } catch (JsonProcessingException e) {
      throw notTheProtocol("the list of files of %s is no JSON".formatted(reference), e);
    }
  }

  /** A name from the network becomes a path on this disk: it must not lead out of the snapshot. */
  private static void checkInside(HubReference reference, String name) {
    try {
      reference.withFile(name);
    } catch (IllegalArgumentException e) {
      throw new WeightsException(
          "The hub lists a file \"%s\" for %s, whose name leads out of its folder. Nothing was fetched; do not use this repository."
              .formatted(name, reference),
          e);
    }
  }

  /** Asks for a file's hash and size. */
  RemoteFile describe(HubReference reference, String commit, String name)
      throws IOException, InterruptedException {
    URI address = content(reference, commit, name);
    return new Backoff(options)
        .run(
            () -> {
              Answer answer = send("HEAD", address, 0, false);
              body(answer).close();
              requireGood(answer, reference, Optional.of(name));
              return describe(reference, commit, name, answer);
            });
  }

  private RemoteFile describe(HubReference reference, String commit, String name, Answer answer) {
    String etag = answer.etag().orElse("");
    if (!etag.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,127}")) {
      throw notTheProtocol(
          "the answer for %s of %s has %s"
              .formatted(name, reference, etag.isEmpty() ? "no ETag" : "the ETag \"" + etag + "\""),
          null);
    }
    Optional<String> other = answer.ofFile(REPO_COMMIT).filter(text -> !text.equals(commit));
    if (other.isPresent()) {
      throw notTheProtocol(
          "%s of %s was asked for at the commit %s and given at %s"
              .formatted(name, reference, commit, other.get()),
          null);
    }
    Optional<String> size =
        answer
            .ofFile(LINKED_SIZE)
            .or(() -> isRedirect(answer) ? Optional.empty() : answer.header("Content-Length"));
    return new RemoteFile(
        name, etag, size.filter(text -> text.matches("\\d{1,18}")).map(Long::valueOf).orElse(-1L));
  }

  /** Asks for a file's bytes from a position on; the server may begin earlier. */
  Content open(HubReference reference, String commit, RemoteFile file, long from)
      throws IOException, InterruptedException {
    Answer answer = send("GET", content(reference, commit, file.name()), from, true);
    BodyReader body = body(answer);
    try {
      boolean elsewhere = !sameOrigin(answer.address());
      if (elsewhere && (answer.status() == 401 || answer.status() == 403)) {
        // the address of a redirect is signed and may have expired: ask for a new one
        throw new Backoff.Again(
            "%s answered %d".formatted(answer.address().getHost(), answer.status()));
      }
      requireGood(answer, reference, Optional.of(file.name()));
      return new Content(body, answer.status() == 206 ? rangeStart(answer, from) : 0);
    } catch (Throwable e) {
      body.close();
      throw e;
    }
  }

  private static long rangeStart(Answer answer, long from) throws IOException {
    String range = answer.header("Content-Range").orElse("");
    if (!range.matches("bytes %d-.*".formatted(from))) {
      throw new IOException(
          "%s was asked for the bytes from %d and gave \"%s\""
              .formatted(answer.address().getHost(), from, range));
    }
    return from;
  }

  private BodyReader body(Answer answer) {
    return new BodyReader(answer.response().body(), options.timeout());
  }

  /**
   * Sends a request and follows redirects. The token goes to the endpoint alone.
   *
   * @param leaveHost whether to follow to other hosts too; else only as long as nobody has said
   *     what the file is
   */
  private Answer send(String method, URI address, long from, boolean leaveHost)
      throws IOException, InterruptedException {
    URI target = address;
    Map<String, String> told = new HashMap<>();
    for (int i = 0; i < MOST_REDIRECTS; i++) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(target)
              .method(method, HttpRequest.BodyPublishers.noBody())
              .timeout(options.timeout())
              .header("User-Agent", "controlnet-java")
              // so that Content-Length is the file's own size
              .header("Accept-Encoding", "identity");
      if (from > 0) {
        request.header("Range", "bytes=%d-".formatted(from));
      }
      if (options.token().isPresent() && sameOrigin(target)) {
        request.header("Authorization", "Bearer " + options.token().get());
      }
      Answer answer = new Answer(target, exchange(request.build()), Map.copyOf(told));
      if (!isRedirect(answer)) {
        return answer;
      }
      URI next = redirect(answer);
      // A redirect to another host need not be followed when it says what the file is. Some
      // mirrors redirect without a word; then the other host is asked, without the token.
      if (!leaveHost && !sameOrigin(next) && answer.etag().isPresent()) {
        return answer;
      }
      for (String name : List.of(LINKED_ETAG, LINKED_SIZE, REPO_COMMIT)) {
        answer.header(name).ifPresent(value -> told.putIfAbsent(name, value));
      }
      body(answer).close();
      target = next;
    }
    throw new IOException("%s redirects without end".formatted(address));
  }

  private HttpResponse<Flow.Publisher<List<ByteBuffer>>> exchange(HttpRequest request)
      throws IOException, InterruptedException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofPublisher());
    } catch (HttpTimeoutException e) {
      throw new Backoff.Again(
          "%s did not answer within %s seconds"
              .formatted(request.uri().getHost(), options.timeout().toMillis() / 1000.0),
          e,
          Duration.ZERO);
    } catch (IOException e) {
      String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new Backoff.Again(
          "%s cannot be reached or cut the connection (%s)".formatted(request.uri().getHost(), why),
          e,
          Duration.ZERO);
    }
  }

  private static boolean isRedirect(Answer answer) {
    return List.of(301, 302, 303, 307, 308).contains(answer.status());
  }

  private URI redirect(Answer answer) throws IOException {
    String location = answer.header("Location").orElse("");
    try {
      URI next = answer.address().resolve(location);
      boolean safe =
          "https".equalsIgnoreCase(next.getScheme())
              || ("http".equalsIgnoreCase(next.getScheme())
                  && "http".equalsIgnoreCase(answer.address().getScheme()));
      if (location.isEmpty() || !safe || next.getHost() == null) {
        throw new IOException(
            "%s redirects to \"%s\", which is not followed"
                .formatted(answer.address().getHost(), location));
      }
      return next;
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "%s redirects to \"%s\", which is no address"
              .formatted(answer.address().getHost(), location),
          e);
    }
  }

  private boolean sameOrigin(URI address) {
    URI own = options.endpoint();
    return own.getScheme().equalsIgnoreCase(address.getScheme())
        && own.getHost().equalsIgnoreCase(address.getHost())
        && port(own) == port(address);
  }

  private static int port(URI address) {
    if (address.getPort() >= 0) {
      return address.getPort();
    }
    return address.getScheme().toLowerCase(Locale.ROOT).equals("https") ? 443 : 80;
  }

  /** Turns a bad status into words, or into another attempt. */
  private void requireGood(Answer answer, HubReference reference, Optional<String> file)
      throws Backoff.Again {
    int status = answer.status();
    if (status == 200 || status == 206 || (isRedirect(answer) && file.isPresent())) {
      return;
    }
    String host = answer.address().getHost();
    if (status == 429 || status >= 500) {
      throw new Backoff.Again(
          "%s answered %d%s"
              .formatted(
                  host, status, status == 429 ? " (too many requests)" : " (it has trouble)"),
          null,
          retryAfter(answer));
    }
    String what = file.map(name -> "%s of %s".formatted(name, reference)).orElse("" + reference);
    String page = options.endpoint() + "/" + reference.repository();
    String code = answer.header("X-Error-Code").orElse("");
    String said = answer.header("X-Error-Message").map(text -> " It says: " + text).orElse("");
    if (status == 401 || status == 403) {
      throw new WeightsException(
          Help.HUB_REFUSES.after(
              "The hub refuses %s (%d): the repository is gated, private or does not exist. Check its name, accept the licence at %s, and set HF_TOKEN to a token that may read it (%s).%s"
                  .formatted(
                      what,
                      status,
                      page,
                      options.token().isPresent() ? "one was sent" : "none is set",
                      said)));
    }
    if (status == 404 || status == 410) {
      String missing =
          code.equals("RevisionNotFound")
              ? "no revision \"%s\" of %s".formatted(reference.revision(), reference.repository())
              : code.equals("EntryNotFound") || file.isPresent()
                  ? "no file %s".formatted(what)
                  : "no repository %s, or no revision \"%s\" of it"
                      .formatted(reference.repository(), reference.revision());
      throw new WeightsException(
          Help.HUB_REFUSES.after(
              "The hub has %s (%d). Look at %s.%s".formatted(missing, status, page, said)));
    }
    throw new WeightsException(
        Help.HUB_REFUSES.after(
            "The hub answered %d for %s; expected the file. Check HF_ENDPOINT (%s).%s"
                .formatted(status, what, options.endpoint(), said)));
  }

  private static Duration retryAfter(Answer answer) {
    Duration wanted =
        answer
            .header("Retry-After")
            .filter(text -> text.matches("\\d{1,6}"))
            .map(text -> Duration.ofSeconds(Long.parseLong(text)))
            .orElse(Duration.ZERO);
    return wanted.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wanted;
  }

  private WeightsException notTheProtocol(String what, @Nullable Throwable cause) {
    return new WeightsException(
        "%s does not speak the hub's protocol: %s. Check HF_ENDPOINT."
            .formatted(options.endpoint(), what),
        cause);
  }

  private URI content(HubReference reference, String commit, String name) {
    String path =
        List.of(name.split("/", -1)).stream()
            .map(HubConnection::encoded)
            .collect(Collectors.joining("/"));
    return address("/%s/resolve/%s/%s".formatted(reference.repository(), commit, path));
  }

  private URI address(String path) {
    return URI.create(options.endpoint() + path);
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
