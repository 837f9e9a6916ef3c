package io.github.controlnet.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.exception.InvalidRequestException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubOptionsTest {
  @TempDir private Path home;

  private Path cache(Map<String, String> environment) {
    return HubOptions.of(environment, home).cache();
  }

  @Test
  void theCacheIsWherePythonHasIt() {
    assertThat(cache(Map.of())).isEqualTo(home.resolve(".cache/huggingface/hub"));
    assertThat(cache(Map.of("XDG_CACHE_HOME", "/x"))).isEqualTo(Path.of("/x/huggingface/hub"));
    assertThat(cache(Map.of("XDG_CACHE_HOME", "/x", "HF_HOME", "~/hf")))
        .isEqualTo(home.resolve("hf/hub"));
    assertThat(cache(Map.of("HF_HOME", "/h", "HF_HUB_CACHE", "/c"))).isEqualTo(Path.of("/c"));
    assertThat(cache(Map.of("HF_HUB_CACHE", " ")))
        .isEqualTo(home.resolve(".cache/huggingface/hub"));
  }

  @Test
  void theTokenComesFromTheVariableOrTheFile() throws IOException {
    assertThat(HubOptions.of(Map.of(), home).token()).isEmpty();
    Files.createDirectories(home.resolve(".cache/huggingface"));
    Files.writeString(home.resolve(".cache/huggingface/token"), "hf_file\n");
    assertThat(HubOptions.of(Map.of(), home).token()).contains("hf_file");
    assertThat(HubOptions.of(Map.of("HF_TOKEN", "hf_variable"), home).token())
        .contains("hf_variable");
    assertThatThrownBy(() -> HubOptions.of(Map.of("HF_TOKEN", "hf_a b"), home))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageNotContaining("hf_a");
  }

  @Test
  void offlineAndMirrorAreRead() {
    assertThat(HubOptions.of(Map.of(), home).offline()).isFalse();
    assertThat(HubOptions.of(Map.of("HF_HUB_OFFLINE", "0"), home).offline()).isFalse();
    assertThat(HubOptions.of(Map.of("HF_HUB_OFFLINE", "1"), home).offline()).isTrue();
    assertThat(HubOptions.of(Map.of("HF_HUB_OFFLINE", "true"), home).offline()).isTrue();
    assertThat(HubOptions.of(Map.of(), home).endpoint()).hasToString("https://huggingface.co");
    assertThat(HubOptions.of(Map.of("HF_ENDPOINT", "https://mirror.example/"), home).endpoint())
        .hasToString("https://mirror.example");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mirror.example", "ftp://mirror.example", "https://", "https://a b"})
  void whatIsNoAddressIsRefused(String address) {
    assertThatThrownBy(() -> HubOptions.of(Map.of("HF_ENDPOINT", address), home))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(address)
        .hasMessageContaining("HF_ENDPOINT");
  }

  private String proxy(Map<String, String> environment, String address) {
    return HubOptions.of(environment, home)
        .proxy()
        .map(selector -> selector.select(URI.create(address)).get(0).toString())
        .orElse("the JVM's own");
  }

  @Test
  void theProxyIsThatOfTheEnvironment() {
    assertThat(proxy(Map.of(), "https://huggingface.co/x")).isEqualTo("the JVM's own");
    Map<String, String> both =
        Map.of("HTTPS_PROXY", "http://p.example:3128", "no_proxy", "mirror.example, .inside");
    assertThat(proxy(both, "https://huggingface.co/x")).contains("p.example").contains("3128");
    assertThat(proxy(both, "https://mirror.example/x")).isEqualTo("DIRECT");
    assertThat(proxy(both, "https://a.inside/x")).isEqualTo("DIRECT");
    assertThat(proxy(both, "http://huggingface.co/x")).isEqualTo("DIRECT");
    assertThat(proxy(Map.of("all_proxy", "p.example"), "http://a.example/")).contains("p.example");
    assertThatThrownBy(() -> proxy(Map.of("HTTPS_PROXY", "http://me:secret@p"), "https://a/"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("HTTPS_PROXY")
        .hasMessageNotContaining("secret");
  }
}
