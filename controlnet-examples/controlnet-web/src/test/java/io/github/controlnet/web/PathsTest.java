package io.github.controlnet.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients are told names files without their folders. */
class PathsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          The file /srv/models/sd15/canny.pth is damaged.|The file canny.pth is damaged.
          There is no file /srv/models.|There is no file models.
          looked in /var/lib/controlnet/|looked in a folder
          weights "/data/x/y.safetensors", expected|weights "y.safetensors", expected
          (/data/x/y.safetensors) and /data/x/z.bin;|(y.safetensors) and z.bin;
          The file C:\\Users\\me\\canny.pth is damaged.|The file canny.pth is damaged.
          ask https://huggingface.co/a/b/c again|ask https://huggingface.co/a/b/c again
          see /sdapi/v1/txt2img and /controlnet/detect|see /sdapi/v1/txt2img and /controlnet/detect
          1/2 of 3/4/5, RGB / 255, and/or|1/2 of 3/4/5, RGB / 255, and/or
          lllyasviel/sd-controlnet-canny/x|lllyasviel/sd-controlnet-canny/x
          """)
  void onlyTheLastNameIsLeft(String message, String told) {
    assertThat(Paths.withoutFolders(message)).isEqualTo(told);
  }

  @Test
  void foldersWithBlanksAreKnown() {
    String home = System.getProperty("user.home");
    assertThat(Paths.withoutFolders("no " + home + "/my-models/x.pth here"))
        .isEqualTo("no x.pth here");
    assertThat(Paths.withoutFolders("looked in " + home + ".")).isEqualTo("looked in a folder.");
  }
}
