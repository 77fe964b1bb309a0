import { ApiProperty } from '@nestjs/swagger';
import { type ApplyView, type KeptBlueprint, presentEarlierForm } from '../blueprints/index.js';

/** D: a layout under a name, in the form of the earlier system. Members that nobody here knows are given back beside these. */
export class EarlierBlueprintView {
  id: string;
  name: string;
  @ApiProperty({ type: String, nullable: true })
  description: string | null;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: '`stores`, `cameras`, `calibration`: as it was given',
  })
  mapping_data: object;
  is_active: boolean;
  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
  @ApiProperty({ type: String, format: 'date-time' })
  updated_at: string;
}

/** D: a blueprint holds for a store. */
export class AppliedBlueprintDView {
  message: string;
  blueprint_id: string;
  /** `default`: the mapping of clients that name no store. */
  store: string;
  /** False: it held already. */
  changed: boolean;
  /** Of the store's mapping. */
  revision: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  effective_from: string | null;
}

export function presentEarlier(blueprint: KeptBlueprint): EarlierBlueprintView {
  const { mapping_data: _, ...unknown } = blueprint.content.data;
  return {
    ...unknown,
    id: blueprint.id,
    name: blueprint.name,
    description: blueprint.description,
    mapping_data: presentEarlierForm(blueprint.content),
    is_active: blueprint.isActive,
    created_at: blueprint.createdAt.toISOString(),
    updated_at: blueprint.updatedAt.toISOString(),
  };
}

export function presentAppliedD(name: string, applied: ApplyView): AppliedBlueprintDView {
  const { blueprint_id, store_id: store, changed, revision, effective_from } = applied;
  const message = changed
    ? `Blueprint '${name}' applied to the store '${store}'`
    : `Blueprint '${name}' holds for the store '${store}' already`;
  return { message, blueprint_id, store, changed, revision, effective_from };
}
