package io.github.controlnet.core.request;

import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.Lora;
import io.github.controlnet.model.LoraFolder;
import java.awt.image.BufferedImage;
import java.util.Optional;

/** Where the images are that a request in JSON names by texts, and the controls that it numbers. */
public interface RequestSource {
  /**
   * Reads an image.
   *
   * @param reference what the JSON holds: a path, a data address, a key
   * @return the image
   * @throws InvalidRequestException when there is no such image, or it cannot be read
   */
  BufferedImage image(String reference);

  /**
   * Reads a mask; by its opacity where any of it is transparent.
   *
   * @param reference what the JSON holds
   * @return the mask
   * @throws InvalidRequestException when there is no such image, or it cannot be read
   */
  BufferedImage mask(String reference);

  /**
   * Finds the control that an input is for.
   *
   * @param place its place among the controls of the pipeline, from 0
   * @return the control
   * @throws InvalidRequestException when there is none in this place
   */
  default ControlModel control(int place) {
    throw new InvalidRequestException(
        "Inputs go to the controls in order here; leave their numbers out.");
  }

  /**
   * Finds a LoRA.
   *
   * @param name what the JSON holds
   * @return the LoRA, with a scale of 1
   * @throws InvalidRequestException when there is none of this name
   */
  default Lora lora(String name) {
    return loraFolder()
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "There is no folder of LoRAs to look for \"%s\" in; leave it out, or give the folder: --lora-folder, or controlnet.web.lora-folder of a server."
                        .formatted(name)))
        .find(name);
  }

  /**
   * Returns where prompts find the LoRAs that they name.
   *
   * @return the folder; empty where such names are refused
   */
  default Optional<LoraFolder> loraFolder() {
    return Optional.empty();
  }
}
