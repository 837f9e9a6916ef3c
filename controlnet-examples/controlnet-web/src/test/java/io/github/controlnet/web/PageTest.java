package io.github.controlnet.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/** The page as people use it, in Chromium. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageTest extends ServerFixture {
  private static final String STATE = "document.getElementById('status').textContent";

  private Browser browser;
  @TempDir private Path folder;

  @BeforeAll
  void open() {
    browser = Browser.open();
  }

  @AfterAll
  void close() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void desktop() {
    browser.dark(false);
    browser.size(1280, 1000);
    browser.go(address("/"));
  }

  @AfterEach
  void nothingWentWrong() {
    browser.assertQuiet();
  }

  private void drawCircle(String selector) {
    WebElement canvas = browser.find(selector);
    browser.run("document.querySelector('" + selector + "').scrollIntoView({block: 'center'})");
    Actions pen = new Actions(browser.driver()).moveToElement(canvas, 90, 0).clickAndHold();
    for (int i = 1; i <= 24; i++) {
      double angle = 2 * Math.PI * i / 24;
      pen.moveToElement(
          canvas, (int) Math.round(90 * Math.cos(angle)), (int) Math.round(90 * Math.sin(angle)));
    }
    pen.release().perform();
  }

  private void fields(int steps) {
    browser.set("#resolution", "128");
    browser.set("#steps", Integer.toString(steps));
    browser.set("#seed", "7");
  }

  @Test
  void aPersonDrawsACircleAndGetsAPictureWhichSurvivesAReload() throws IOException {
    assertThat(browser.find("#notice").getText()).isEqualTo(DemoModel.NOTICE);
    // Words that the bundled model never saw would disturb it, so the usual ones are left out.
    assertThat(browser.find("#negative").getDomProperty("value")).isEmpty();
    drawCircle("#controls canvas");
    browser.find("#prompt").sendKeys("a red circle");
    fields(4);
    browser.find("#prompt").sendKeys(Keys.chord(Keys.CONTROL, Keys.ENTER));
    browser.waitFor(STATE + ".startsWith('Done')");
    browser.waitFor("[...document.querySelectorAll('#gallery img')].every(i => i.naturalWidth)");
    assertThat(browser.all("#gallery img")).hasSize(2);
    assertThat(browser.find("#gallery figcaption").getText()).startsWith("Control map");
    assertThat(lightPixels("#gallery img")).isBetween(100L, 8000L);
    assertThat(browser.find("#parameters").getText())
        .startsWith("a red circle")
        .contains("Seed: 7", "Module: canny");
    browser.run("scrollTo(0, 0)");
    browser.screenshot("desktop");

    browser.driver().navigate().refresh();
    browser.waitFor(STATE + ".startsWith('Done')");
    assertThat(browser.find("#prompt").getDomProperty("value")).isEqualTo("a red circle");
    assertThat(browser.find("#steps").getDomProperty("value")).isEqualTo("4");
    assertThat(browser.all("#gallery img")).hasSize(2);
    assertThat(lightPixels("#controls canvas")).isGreaterThan(100_000);

    browser.waitFor("document.getElementById('again').href.includes('form=')");
    String link = browser.find("#again").getDomProperty("href");
    // The job is not there: the link still has its values.
    browser.go(link.replaceFirst("job=[0-9a-f-]{36}", "job=00000000-0000-0000-0000-000000000000"));
    browser.waitFor(STATE + ".includes('no longer has the pictures')");
    assertThat(browser.find("#prompt").getDomProperty("value")).isEqualTo("a red circle");
    assertThat(browser.find("#seed").getDomProperty("value")).isEqualTo("7");
  }

  /** Counts what is lighter than grey. */
  private long lightPixels(String selector) {
    return (Long)
        browser.run(
            "const from = document.querySelector('"
                + selector
                + "'); const c = document.createElement('canvas');"
                + "c.width = from.naturalWidth || from.width; c.height = from.naturalHeight || from.height;"
                + "const x = c.getContext('2d'); x.drawImage(from, 0, 0);"
                + "const d = x.getImageData(0, 0, c.width, c.height).data; let n = 0;"
                + "for (let i = 0; i < d.length; i += 4) n += d[i] > 128 ? 1 : 0; return n;");
  }

  @Test
  void aPersonWatchesALongOneAndCancelsIt() throws IOException {
    drawCircle("#controls canvas");
    fields(1);
    browser.run("document.getElementById('steps').max = 1000");
    browser.set("#steps", "1000");
    browser.find("#run").click();
    browser.waitFor(STATE + ".startsWith('Step ')");
    browser.waitFor("document.querySelectorAll('#previews img').length === 1");
    browser.run("scrollTo(0, 0)");
    browser.screenshot("working");
    browser.find("#cancel").click();
    browser.waitFor(STATE + ".startsWith('Cancelled')");
    assertThat(browser.find("#working").isDisplayed()).isFalse();
  }

  @Test
  void aSecondOneWaitsAndSaysItsPlace() throws Exception {
    String running = post("/api/jobs", ServerFixture.small(1000)).json().path("id").asText();
    drawCircle("#controls canvas");
    fields(1);
    browser.find("#run").click();
    browser.waitFor(STATE + ".includes('place 2')");
    delete("/api/jobs/" + running);
    browser.waitFor(STATE + ".startsWith('Done')");
  }

  @Test
  void whatIsMissingIsSaidAndEveryFieldHasAName() {
    browser.find("#run").click();
    browser.waitFor(STATE + ".includes('no picture')");
    Object nameless =
        browser.run(
            "return [...document.querySelectorAll('input, select, textarea')].filter(e =>"
                + " !e.labels.length && !e.getAttribute('aria-label')).length");
    assertThat(nameless).isEqualTo(0L);
  }

  @Test
  void theKeyboardAloneIsEnough() {
    WebElement canvas = browser.find("#controls canvas");
    browser.run("document.querySelector('#controls canvas').focus()");
    canvas.sendKeys(" ");
    for (int i = 0; i < 8; i++) {
      canvas.sendKeys(Keys.ARROW_RIGHT);
      canvas.sendKeys(Keys.ARROW_DOWN);
    }
    canvas.sendKeys(" ");
    fields(1);
    browser.find("#prompt").sendKeys("a line" + Keys.chord(Keys.CONTROL, Keys.ENTER));
    browser.waitFor(STATE + ".startsWith('Done')");
    assertThat(lightPixels("#gallery img")).isBetween(20L, 4000L);
  }

  @Test
  void uploadsImageToImageAndSettingsFromAPictureWork() throws Exception {
    Path photo = DemoModel.extract(Path.of("target", "demo")).photograph().toAbsolutePath();
    browser.find("#controls input[type=file]").sendKeys(photo.toString());
    browser.waitFor("document.querySelector('#controls canvas').width === 600");
    browser.run("document.getElementById('init-section').open = true");
    browser.find("#init-picture input[type=file]").sendKeys(photo.toString());
    browser.waitFor("document.getElementById('init-use').checked");
    browser.set("#strength", "0.5");
    fields(2);
    browser.find("#prompt").sendKeys("a cup");
    browser.find("#run").click();
    browser.waitFor(STATE + ".startsWith('Done')");
    assertThat(browser.find("#parameters").getText()).contains("Denoising strength: 0.5");
    String address = browser.all("#gallery figcaption a").get(1).getDomProperty("href");
    Path saved = Files.write(folder.resolve("saved.png"), bytes(URI.create(address).getPath()));
    browser.go(address("/"));
    browser.find("#recipe").sendKeys(saved.toString());
    browser.waitFor(STATE + ".includes('settings of the picture')");
    assertThat(browser.find("#prompt").getDomProperty("value")).startsWith("a cup");
    assertThat(browser.find("#strength").getDomProperty("value")).isEqualTo("0.5");
    assertThat(browser.find("#recipe-notes").getText()).contains("Made with base");
  }

  /** Uploads a picture to start from, and marks a circle of it. */
  private void markedPart() {
    Path photo = DemoModel.extract(Path.of("target", "demo")).photograph().toAbsolutePath();
    browser.run("document.getElementById('init-section').open = true");
    browser.find("#init-picture input[type=file]").sendKeys(photo.toString());
    browser.waitFor("document.getElementById('init-use').checked");
    assertThat(browser.find("#mask-content").isDisplayed()).as("without a mask").isFalse();
    browser.find("#mask-use").click();
    drawCircle("#mask-picture canvas");
  }

  private String field(String selector) {
    return String.valueOf(browser.find(selector).getDomProperty("value"));
  }

  @Test
  void aPersonPaintsAMarkedPartAnewAndTheLinkDoesItAgain() throws Exception {
    browser.run("document.querySelector('#controls input[type=checkbox]').click()");
    markedPart();
    browser.find("#mask-blur").sendKeys(Keys.chord(Keys.CONTROL, "a"), "2", Keys.TAB);
    assertThat(browser.run("return document.activeElement.id")).isEqualTo("mask-content");
    browser.driver().switchTo().activeElement().sendKeys(Keys.ARROW_DOWN);
    browser.set("#strength", "0.9");
    browser.find("#mask-only").click();
    fields(2);
    browser.find("#run").click();
    browser.waitFor(STATE + ".startsWith('Done')");
    assertThat(browser.find("#parameters").getText())
        .contains("Denoising strength: 0.9", "Mask blur: 2", "Masked content: fill");
    browser.waitFor("document.getElementById('again').href.includes('form=')");
    final byte[] first = picture();
    browser.screenshot("inpainting");

    String link = browser.find("#again").getDomProperty("href");
    browser.go(link);
    assertThat(browser.run("return document.getElementById('mask-use').checked")).isEqualTo(true);
    assertThat(field("#mask-content")).isEqualTo("fill");
    assertThat(field("#strength")).isEqualTo("0.9");
    browser.run("document.getElementById('gallery').replaceChildren()");
    browser.find("#run").click();
    browser.waitFor("document.querySelector('#gallery img')");
    assertThat(picture()).isEqualTo(first);

    browser.go(link.replaceFirst("job=[0-9a-f-]{36}", "job=00000000-0000-0000-0000-000000000000"));
    browser.waitFor(STATE + ".includes('no longer has the pictures')");
    assertThat(field("#mask-content")).isEqualTo("fill");
    assertThat(field("#mask-blur")).isEqualTo("2");
    assertThat(field("#strength")).isEqualTo("0.9");
  }

  /** The bytes of the first picture that is shown. */
  private byte[] picture() throws Exception {
    String address = String.valueOf(browser.find("#gallery img").getDomProperty("src"));
    return bytes(URI.create(address).getPath());
  }

  @Test
  void clipSkipAndWeightsInPromptsActAndAreInTheLink() throws Exception {
    browser.run("document.querySelector('#controls input[type=checkbox]').click()");
    fields(1);
    browser.find("#prompt").sendKeys("(red:1.4) circle");
    browser.find("#run").click();
    browser.waitFor(STATE + ".startsWith('Done')");
    final byte[] plain = picture();
    browser.find("#weighted").click();
    browser.run("document.getElementById('gallery').replaceChildren()");
    browser.find("#run").click();
    browser.waitFor("document.querySelector('#gallery img')");
    final byte[] weighted = picture();
    browser.set("#clip-skip", "2");
    browser.run("document.getElementById('gallery').replaceChildren()");
    browser.find("#run").click();
    browser.waitFor("document.querySelector('#gallery img')");
    assertThat(browser.find("#parameters").getText()).contains("Clip skip: 2");
    assertThat(pixels(weighted)).isNotEqualTo(pixels(plain));
    assertThat(pixels(picture())).isNotEqualTo(pixels(weighted));
    browser.waitFor(
        "decodeURIComponent(document.getElementById('again').href).includes('\"clipSkip\":2')");
    browser.go(String.valueOf(browser.find("#again").getDomProperty("href")));
    assertThat(field("#clip-skip")).isEqualTo("2");
    assertThat(browser.run("return document.getElementById('weighted').checked")).isEqualTo(true);
  }

  private static int[] pixels(byte[] png) {
    BufferedImage image = Images.read(png);
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  @Test
  void bothBundledControlsAreThereAndActTogether() throws IOException {
    String second = ".control + .control ";
    assertThat(browser.all(".control")).hasSize(2);
    drawCircle("#controls canvas");
    browser.find(second + "input[type=checkbox]").click();
    assertThat(field(second + "select")).as("a map is drawn").isEqualTo("none");
    assertThat(browser.find(second).getText()).contains("circle #ff3c3c");
    browser.run(
        "[...document.querySelectorAll('.control + .control button')]"
            + ".find(each => each.textContent === 'Fill').click()");
    browser.set(second + "input[type=color]", "#ff3c3c");
    browser.set(second + "input[type=range]", "100");
    drawCircle(second + "canvas");
    fields(2);
    browser.find("#run").click();
    browser.waitFor(STATE + ".startsWith('Done')");
    browser.waitFor("document.querySelectorAll('#gallery img').length === 3");
    assertThat(browser.find("#parameters").getText()).contains("ControlNet 0", "ControlNet 1");
    browser.screenshot("two-controls");
  }

  @Test
  void itFitsAPhoneAndTheDark() throws IOException {
    browser.size(390, 844);
    browser.go(address("/"));
    browser.assertFits();
    drawCircle("#controls canvas");
    browser.run("scrollTo(0, 0)");
    browser.screenshot("phone");
    browser.dark(true);
    browser.screenshot("phone-dark");
    browser.size(1280, 1000);
    browser.screenshot("desktop-dark");
    assertThat(browser.run("return getComputedStyle(document.body).backgroundColor"))
        .isEqualTo("rgb(20, 23, 28)");
    browser.size(390, 844);
    browser.go(address("/annotator.html"));
    browser.assertFits();
    browser.screenshot("annotator-phone-dark");
  }

  @Test
  void theAnnotatorPageAnnotates() throws IOException {
    browser.go(address("/annotator.html"));
    drawCircle("#picture canvas");
    assertThat(browser.all("#options input")).isNotEmpty();
    browser.set("#resolution", "128");
    browser.find("#run").click();
    browser.waitFor(STATE + ".startsWith('Done: 128')");
    browser.screenshot("annotator");
    assertThat(lightPixels("#gallery img")).isBetween(100L, 8000L);
    browser.set("#annotator", PosedProvider.NAME);
    assertThat(browser.all("#options select option")).hasSize(2);
    assertThat(browser.all("#options input")).as("files of the server").isEmpty();
    browser.set("#annotator", "scribble");
    browser.find("#run").click();
    browser.waitFor("document.querySelectorAll('#gallery img').length >= 1");
  }
}
