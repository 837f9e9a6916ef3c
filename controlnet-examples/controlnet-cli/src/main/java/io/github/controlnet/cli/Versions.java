package io.github.controlnet.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import picocli.CommandLine.IVersionProvider;

/** Names and versions of what runs. */
final class Versions implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {"ControlNet for Java " + own(), "Java " + Runtime.version()};
  }

  /** Returns the version of this command, which the build writes into a resource. */
  static String own() {
    Properties properties = new Properties();
    try (InputStream stream = Versions.class.getResourceAsStream("version.properties")) {
      if (stream != null) {
        properties.load(stream);
      }
    } catch (IOException e) {
      return "unknown";
    }
    return properties.getProperty("version", "unknown");
  }

  /** Adds the JVM to what the pipeline reports. */
  static Map<String, String> with(Map<String, String> others) {
    Map<String, String> all = new TreeMap<>(others);
    all.put("Java", Runtime.version().toString());
    return all;
  }
}
