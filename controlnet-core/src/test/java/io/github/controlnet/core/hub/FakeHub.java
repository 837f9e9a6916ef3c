package io.github.controlnet.core.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * A server that speaks the hub's protocol for one repository, with a second one that stands for the
 * hosts to which large files are redirected.
 */
final class FakeHub implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  static final String REPOSITORY = "someone/some-model";

  /** A request as it came. */
  record Request(String server, String method, String path, String authorization, String range) {}

  final List<Request> requests = new CopyOnWriteArrayList<>();
  final Map<String, byte[]> files = new TreeMap<>();

  /** Commits by branch or tag. */
  final Map<String, String> revisions = new ConcurrentHashMap<>(Map.of("main", COMMIT));

  /** How many answers of the second server are cut after half of what is left. */
  final AtomicInteger cuts = new AtomicInteger();

  /** How many requests are answered with the failure status first. */
  final AtomicInteger failures = new AtomicInteger();

  volatile int failureStatus = 503;
  volatile int refusal;
  volatile boolean ignoreRanges;
  volatile boolean wrongBytes;

  /** While set, the second server sends half and falls silent. */
  volatile boolean silent;

  private final HttpServer hub = server();
  private final HttpServer storage = server();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  FakeHub() {
    hub.createContext("/", guarded("hub", this::answer));
    storage.createContext("/", guarded("storage", this::store));
    hub.setExecutor(threads);
    storage.setExecutor(threads);
    hub.start();
    storage.start();
  }

  String endpoint() {
    return "http://localhost:" + hub.getAddress().getPort();
  }

  void put(String name, String content) {
    files.put(name, content.getBytes(StandardCharsets.UTF_8));
  }

  long count(String server) {
    return requests.stream().filter(request -> request.server().equals(server)).count();
  }

  /** The name of a file's blob: small text is held by git itself, everything else is not. */
  String etag(String name) {
    byte[] content = files.get(name);
    return isLarge(name) ? hash("SHA-256", content) : gitHash(content);
  }

  static boolean isLarge(String name) {
    return !name.matches(".*\\.(json|txt|yaml)");
  }

  static String gitHash(byte[] content) {
    byte[] head = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] all = new byte[head.length + content.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(content, 0, all, head.length, content.length);
    return hash("SHA-1", all);
  }

  static String hash(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HttpServer server() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Handler {
    void handle(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private com.sun.net.httpserver.HttpHandler guarded(String server, Handler handler) {
    return exchange -> {
      requests.add(
          new Request(
              server,
              exchange.getRequestMethod(),
              exchange.getRequestURI().getPath(),
              String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
              String.valueOf(exchange.getRequestHeaders().getFirst("Range"))));
      try {
        handler.handle(exchange);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        exchange.close();
      }
    };
  }

  private void answer(HttpExchange exchange) throws IOException {
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      exchange.sendResponseHeaders(failureStatus, -1);
      return;
    }
    if (refusal != 0) {
      if (refusal == 403) {
        exchange.getResponseHeaders().set("X-Error-Code", "GatedRepo");
      }
      exchange.sendResponseHeaders(refusal, -1);
      return;
    }
    String path = exchange.getRequestURI().getPath();
    String list = "/api/models/" + REPOSITORY + "/revision/";
    String content = "/" + REPOSITORY + "/resolve/";
    if (path.startsWith(list)) {
      list(exchange, path.substring(list.length()));
    } else if (path.startsWith(content)) {
      String[] parts = path.substring(content.length()).split("/", 2);
      resolve(exchange, parts[0], parts[1]);
    } else {
      exchange.getResponseHeaders().set("X-Error-Code", "RepoNotFound");
      exchange.sendResponseHeaders(404, -1);
    }
  }

  private void list(HttpExchange exchange, String revision) throws IOException {
    String commit = revisions.getOrDefault(revision, revision);
    if (!Revision.isCommit(commit)) {
      exchange.getResponseHeaders().set("X-Error-Code", "RevisionNotFound");
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    String siblings =
        files.keySet().stream()
            .map(name -> "{\"rfilename\": \"" + name + "\"}")
            .collect(Collectors.joining(","));
    send(
        exchange,
        "{\"sha\": \"%s\", \"siblings\": [%s]}"
            .formatted(commit, siblings)
            .getBytes(StandardCharsets.UTF_8));
  }

  private void resolve(HttpExchange exchange, String revision, String name) throws IOException {
    byte[] content = files.get(name);
    if (content == null) {
      exchange.getResponseHeaders().set("X-Error-Code", "EntryNotFound");
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    var headers = exchange.getResponseHeaders();
    headers.set("X-Repo-Commit", revisions.getOrDefault(revision, revision));
    if (isLarge(name)) {
      headers.set("X-Linked-Etag", "\"" + etag(name) + "\"");
      headers.set("X-Linked-Size", String.valueOf(content.length));
      headers.set("ETag", "\"an-etag-of-the-storage\"");
      // 127.0.0.1 is another host than localhost
      headers.set(
          "Location",
          "http://127.0.0.1:%d/stored/%s?signature=x"
              .formatted(storage.getAddress().getPort(), name));
      exchange.sendResponseHeaders(302, -1);
      return;
    }
    headers.set("ETag", "W/\"" + etag(name) + "\"");
    send(exchange, content);
  }

  private static void send(HttpExchange exchange, byte[] content) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
      exchange.sendResponseHeaders(200, -1);
    } else {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content);
    }
  }

  private void store(HttpExchange exchange) throws IOException, InterruptedException {
    byte[] content = files.get(exchange.getRequestURI().getPath().substring("/stored/".length()));
    if (wrongBytes) {
      content = content.clone();
      content[content.length / 2] ^= 1;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = 0;
    if (range != null && !ignoreRanges) {
      from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
    }
    int length = content.length - from;
    exchange.sendResponseHeaders(range == null || ignoreRanges ? 200 : 206, length);
    OutputStream out = exchange.getResponseBody();
    boolean cut = cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    if (cut || silent) {
      out.write(content, from, length / 2);
      out.flush();
      while (silent) {
        Thread.sleep(10);
      }
      return;
    }
    out.write(content, from, length);
  }

  @Override
  public void close() {
    silent = false;
    hub.stop(0);
    storage.stop(0);
    threads.shutdownNow();
  }
}
