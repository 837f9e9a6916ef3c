package io.github.controlnet;

import io.github.controlnet.exception.InvalidRequestException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the text of a prompt may be, at every door. */
final class PromptText {
  /** Characters; the text encoder takes some 300 at once, and long prompts have a few thousand. */
  static final int LONGEST = 10_000;

  /** Files to add to the weights; those of LoRAs have been taken out where there is a folder. */
  private static final Pattern EXTRA_NETWORK =
      Pattern.compile("<(lora|lyco|hypernet):[^>]+>", Pattern.CASE_INSENSITIVE);

  /** What AUTOMATIC1111's web page reads as several prompts at once. */
  private static final Pattern COMPOSED = Pattern.compile("\\bAND\\b");

  private PromptText() {}

  static void check(String text, String what) {
    if (text.length() > LONGEST) {
      throw new InvalidRequestException(
          "The %s has %d characters; expected at most %d.".formatted(what, text.length(), LONGEST));
    }
    Matcher network = EXTRA_NETWORK.matcher(text);
    if (network.find()) {
      throw new InvalidRequestException(
          network.group(1).equalsIgnoreCase("hypernet")
              ? "The %s asks for %s: hypernetworks are not supported yet. Take it out."
                  .formatted(what, abbreviated(network.group()))
              : what.startsWith("negative")
                  ? "The %s asks for %s; expected LoRAs in the prompt itself. Take it out."
                      .formatted(what, abbreviated(network.group()))
                  : "The %s asks for %s, and there is no folder of LoRAs to look in. Take it out, or give the folder: loraFolder(LoraFolder) of the request, --lora-folder, or controlnet.web.lora-folder of a server."
                      .formatted(what, abbreviated(network.group())));
    }
  }

  /** Checks what has a meaning in weighted prompts alone. */
  static void checkWeighted(String text, String what) {
    if (COMPOSED.matcher(text).find()) {
      throw new InvalidRequestException(
          "The %s has AND, which joins several prompts in AUTOMATIC1111's web page and is not supported yet. Where the word is meant, write it in small letters."
              .formatted(what));
    }
  }

  private static String abbreviated(String text) {
    return text.length() > 60 ? text.substring(0, 57) + "..." : text;
  }
}
