package io.github.controlnet.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Headless Chromium; where there is none, the test that wants it is skipped. */
final class Browser implements AutoCloseable {
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  static Browser open() {
    Optional<Path> chromium = onPath("chromium", "chromium-browser", "google-chrome");
    Optional<Path> control = onPath("chromedriver");
    Assumptions.assumeTrue(
        chromium.isPresent() && control.isPresent(),
        "The page is not tested: there is no Chromium on the path (apt-get install chromium chromium-driver).");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.orElseThrow().toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1280,1000",
        "--force-device-scale-factor=1");
    options.setCapability("goog:loggingPrefs", Map.of("browser", "ALL"));
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(control.orElseThrow().toFile())
            .build();
    return new Browser(new ChromeDriver(service, options));
  }

  private static Optional<Path> onPath(String... names) {
    for (String name : names) {
      for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
        Path file = Path.of(folder, name);
        if (!folder.isEmpty() && Files.isExecutable(file)) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  ChromeDriver driver() {
    return driver;
  }

  void go(String address) {
    driver.get("about:blank");
    driver.get(address);
    waitFor("document.body.dataset.ready === 'true'");
  }

  WebElement find(String selector) {
    return driver.findElement(By.cssSelector(selector));
  }

  List<WebElement> all(String selector) {
    return driver.findElements(By.cssSelector(selector));
  }

  Object run(String script) {
    return ((JavascriptExecutor) driver).executeScript(script);
  }

  void waitFor(String condition) {
    new WebDriverWait(driver, Duration.ofSeconds(60), Duration.ofMillis(50))
        .withMessage(() -> condition + "; the page says: " + run("return document.body.innerText"))
        .until(page -> Boolean.TRUE.equals(run("return Boolean(" + condition + ")")));
  }

  /** Sets a field as somebody who types or drags would. */
  void set(String selector, String value) {
    ((JavascriptExecutor) driver)
        .executeScript(
            "const e = document.querySelector(arguments[0]); e.value = arguments[1];"
                + "e.dispatchEvent(new Event('input', {bubbles: true}));"
                + "e.dispatchEvent(new Event('change', {bubbles: true}));",
            selector,
            value);
  }

  void size(int width, int height) {
    driver.manage().window().setSize(new Dimension(width, height));
    // A window cannot be as narrow as a phone; its page can.
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
  }

  void dark(boolean dark) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
  }

  /** Keeps what the page looks like, for people. */
  void screenshot(String name) throws IOException {
    Files.createDirectories(SCREENSHOTS);
    Files.write(SCREENSHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
  }

  /** The page must not be wider than its window. */
  void assertFits() {
    assertThat(run("return document.documentElement.scrollWidth <= window.innerWidth"))
        .as("the page is as wide as its window")
        .isEqualTo(true);
  }

  /** Nothing may have gone wrong in the page's scripts or been refused by its policy. */
  void assertQuiet() {
    assertThat(driver.manage().logs().get(LogType.BROWSER).getAll())
        .extracting(LogEntry::getMessage)
        .noneMatch(message -> message.contains("Uncaught") || message.contains("Security Policy"));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
