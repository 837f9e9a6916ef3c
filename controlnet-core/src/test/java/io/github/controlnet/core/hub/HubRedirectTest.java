package io.github.controlnet.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import io.github.controlnet.exception.WeightsException;
import io.github.controlnet.model.HubReference;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A mirror that redirects to another host, which may be the hub itself. */
@Timeout(60)
class HubRedirectTest {
  private static final HubReference MODEL = HubReference.of(FakeHub.REPOSITORY);
  private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

  @TempDir private Path folder;

  private FakeHub hub;
  private HttpServer mirror;
  private int status = 308;
  private BiConsumer<String, Headers> answer = (path, headers) -> {};
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HubOptions options;

  @BeforeEach
  void start() throws IOException {
    hub = new FakeHub();
    hub.put("config.json", "{}");
    hub.files.put(WEIGHTS, new byte[1000]);
    answer = (path, headers) -> headers.set("Location", hub.endpoint() + path);
    mirror = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    mirror.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().toString();
          asked.add(path);
          answer.accept(path, exchange.getResponseHeaders());
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    mirror.start();
    options =
        HubOptions.of(Map.of(), folder)
            .withCache(folder.resolve("hub"))
            .withEndpoint("http://127.0.0.1:" + mirror.getAddress().getPort())
            .withToken("hf_secret")
            .withTimeout(Duration.ofSeconds(20))
            .withAttempts(2, Duration.ofMillis(1));
  }

  @AfterEach
  void stop() {
    mirror.stop(0);
    hub.close();
  }

  private void download() throws IOException {
    Path model = new HuggingFaceHub(options).download(MODEL);
    assertThat(Files.readAllBytes(model.resolve(WEIGHTS))).isEqualTo(new byte[1000]);
    assertThat(Files.readString(model.resolve("config.json"))).isEqualTo("{}");
  }

  private void theTokenStayedAtHome() {
    assertThat(hub.requests).isNotEmpty();
    assertThat(hub.requests)
        .allSatisfy(
            request ->
                assertThat(String.valueOf(request.authorization())).doesNotContain("hf_secret"));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void redirectsToAnotherHostWithoutAnEtagAreFollowed(int redirect) throws IOException {
    status = redirect;
    download();
    theTokenStayedAtHome();
    assertThat(hub.requests).anyMatch(request -> request.method().equals("HEAD"));
  }

  @Test
  void relativeLocationsAndChainsAreFollowed() throws IOException {
    answer =
        (path, headers) ->
            headers.set(
                "Location",
                path.startsWith("/b/")
                    ? hub.endpoint() + path.substring(2)
                    : path.startsWith("/a/") ? "/b" + path.substring(2) : "/a" + path);
    download();
    theTokenStayedAtHome();
    assertThat(asked)
        .anyMatch(path -> path.startsWith("/a/"))
        .anyMatch(path -> path.startsWith("/b/"));
  }

  @Test
  void whatARedirectSaysOfTheFileGoesBeforeWhatTheOtherHostSays() {
    answer =
        (path, headers) -> {
          headers.set("Location", hub.endpoint() + path);
          headers.set("X-Repo-Commit", "f".repeat(40));
        };
    assertThatThrownBy(this::download)
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("given at " + "f".repeat(40));
  }

  @Test
  void aRedirectThatNamesTheFileIsNotFollowedToDescribeIt() throws IOException {
    answer =
        (path, headers) -> {
          headers.set("Location", hub.endpoint() + path);
          if (path.contains("/resolve/")) {
            String name = path.endsWith(WEIGHTS) ? WEIGHTS : "config.json";
            headers.set("X-Linked-Etag", "\"" + hub.etag(name) + "\"");
            headers.set("X-Linked-Size", String.valueOf(hub.files.get(name).length));
          }
        };
    download();
    assertThat(hub.requests)
        .noneMatch(request -> request.method().equals("HEAD") && request.server().equals("hub"));
    theTokenStayedAtHome();
  }

  @Test
  void loopsEnd() {
    AtomicInteger count = new AtomicInteger();
    answer = (path, headers) -> headers.set("Location", "/x" + count.incrementAndGet());
    assertThatThrownBy(this::download)
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("redirects without end");
    assertThat(count.get()).isLessThan(50);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://", "a b"})
  void locationsThatAreNoneAreRefused(String location) {
    answer = (path, headers) -> headers.set("Location", location);
    assertThatThrownBy(this::download)
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("redirects to");
  }

  @Test
  void aHostWithoutAnyEtagIsNamed() {
    mirror.removeContext("/");
    mirror.createContext(
        "/",
        exchange -> {
          boolean list = exchange.getRequestURI().getPath().startsWith("/api/");
          if (list) {
            exchange
                .getResponseHeaders()
                .set("Location", hub.endpoint() + exchange.getRequestURI());
          }
          exchange.sendResponseHeaders(list ? 307 : 200, -1);
          exchange.close();
        });
    assertThatThrownBy(this::download)
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("has no ETag");
  }
}
