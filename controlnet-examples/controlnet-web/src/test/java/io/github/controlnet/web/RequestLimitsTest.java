package io.github.controlnet.web;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.util.unit.DataSize;

class RequestLimitsTest {
  private static final String KEY = "k\u00e9y";

  private static int status(MockHttpServletRequest request, String address)
      throws ServletException, IOException {
    ServerProperties server = new ServerProperties();
    server.setAddress(InetAddress.getByName(address));
    WebProperties limits =
        new WebProperties(
            KEY,
            1,
            DataSize.ofKilobytes(1),
            1,
            DataSize.ofKilobytes(1),
            DataSize.ofKilobytes(1),
            1,
            1,
            1,
            1,
            Duration.ofSeconds(1),
            1,
            Map.of());
    MockHttpServletResponse response = new MockHttpServletResponse();
    new RequestLimits(limits, server).doFilter(request, response, new MockFilterChain());
    return response.getStatus();
  }

  private static MockHttpServletRequest request(String path) {
    MockHttpServletRequest request = new MockHttpServletRequest("GET", path);
    request.setServletPath(path);
    return request;
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theKeyOpensInEveryWay() throws Exception {
    assertThat(status(request("/api/info"), "127.0.0.1")).isEqualTo(401);
    for (String path : new String[] {"/", "/assets/page.css", "/actuator/health"}) {
      assertThat(status(request(path), "127.0.0.1")).as(path).isEqualTo(200);
    }
    MockHttpServletRequest header = request("/api/info");
    header.addHeader("X-API-Key", KEY);
    assertThat(status(header, "127.0.0.1")).isEqualTo(200);
    MockHttpServletRequest bearer = request("/api/info");
    bearer.addHeader("Authorization", "Bearer " + KEY);
    assertThat(status(bearer, "127.0.0.1")).isEqualTo(200);
    MockHttpServletRequest basic = request("/api/info");
    basic.addHeader("Authorization", "Basic " + encoded("anybody:" + KEY));
    assertThat(status(basic, "127.0.0.1")).isEqualTo(200);
    MockHttpServletRequest cookie = request("/api/info");
    cookie.setCookies(new Cookie(RequestLimits.COOKIE, encoded(KEY)));
    assertThat(status(cookie, "127.0.0.1")).isEqualTo(200);
    MockHttpServletRequest wrong = request("/actuator/prometheus");
    wrong.addHeader("X-API-Key", KEY + "x");
    assertThat(status(wrong, "127.0.0.1")).isEqualTo(401);
  }

  @Test
  void aServerForOthersHasAnyName() throws Exception {
    MockHttpServletRequest named = request("/");
    named.setServerName("pictures.example");
    assertThat(status(named, "127.0.0.1")).isEqualTo(403);
    assertThat(status(named, "0.0.0.0")).isEqualTo(200);
    MockHttpServletRequest six = request("/");
    six.setServerName("[::1]");
    assertThat(status(six, "127.0.0.1")).isEqualTo(200);
  }
}
