import { describe, expect, it } from 'vitest';
import { readCacheRecord, readContainer, readDiskUsage, readImage, readVolume } from '../../../core/disk/dockerAnswers';

describe('answers of Docker engines', () => {
  it('have no SizeRw for a container that wrote nothing', () => {
    expect(readContainer({ Id: 'a', Names: ['/a'], SizeRootFs: 5 }, true)).toMatchObject({
      sizeBytes: 0,
      virtualBytes: 5,
    });
    expect(readContainer({ Id: 'a', Names: ['/a'] }, false)).toMatchObject({ sizeBytes: null, virtualBytes: null });
  });

  it('tell what is not known by negative numbers', () => {
    expect(readVolume({ Name: 'v', UsageData: { Size: -1, RefCount: -1 } }).sizeBytes).toBeNull();
    expect(readVolume({ Name: 'v', UsageData: null }).sizeBytes).toBeNull();
    expect(readVolume({ Name: 'v', UsageData: { Size: 0 } }).sizeBytes).toBe(0);
  });

  it('name images that lost their names in four ways', () => {
    for (const RepoTags of [['<none>:<none>'], [], null, ['<none>']])
      expect(readImage({ Id: 'sha256:a', RepoTags }).names).toEqual([]);
    expect(readImage({ Id: 'a', RepoTags: ['x:1'], ParentId: 'b' })).toMatchObject({
      id: 'sha256:a',
      parent: 'sha256:b',
      names: ['x:1'],
    });
  });

  it('name parents of cache records in three ways', () => {
    expect(readCacheRecord({ ID: 'a', ' Parents': ['b', 'c'] }).parents).toEqual(['b', 'c']);
    expect(readCacheRecord({ ID: 'a', Parents: ['b'] }).parents).toEqual(['b']);
    expect(readCacheRecord({ ID: 'a', Parent: 'b' }).parents).toEqual(['b']);
    expect(readCacheRecord({ ID: 'a', Parent: '' }).parents).toEqual([]);
  });

  it('say in words where a cache mount is', () => {
    const of = (Description: string, Type = 'exec.cachemount') => readCacheRecord({ ID: 'a', Type, Description });
    expect(of('cached mount /root/.cache from exec /bin/sh -c x with id "/mine"')).toMatchObject({
      mountTarget: '/root/.cache',
      mountId: 'mine',
    });
    expect(of('cached mount /c from exec /bin/sh -c echo "hi"')).toMatchObject({ mountTarget: '/c', mountId: '' });
    expect(of('cached mount /c from exec x', 'regular')).toMatchObject({ mountTarget: '', mountId: '' });
  });

  it('lie elsewhere where a volume is mounted from', () => {
    expect(readVolume({ Name: 'v', Driver: 'local', Options: { type: 'nfs', device: ':/x' } }).isElsewhere).toBe(true);
    expect(readVolume({ Name: 'v', Driver: 'local', Options: null }).isElsewhere).toBe(false);
    expect(readVolume({ Name: 'v', Driver: 'rclone' }).isElsewhere).toBe(true);
  });

  it('are read without lists, with null in their place, and of any shape', () => {
    const empty = { layersSize: null, images: [], containers: [], volumes: [], cache: [] };
    for (const answer of [{}, null, { Images: null, Containers: null, Volumes: [], BuildCache: null }, 'x', []]) {
      expect(readDiskUsage(answer)).toEqual(empty);
    }
    expect(readImage({ Id: 'a', Created: 1e300, Size: 'x' })).toMatchObject({ createdAt: '', sizeBytes: 0 });
  });
});
